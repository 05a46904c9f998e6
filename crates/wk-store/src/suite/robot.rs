//! Suite: robots.

use wk_model::{Robot, Uid, Written};

use super::fixtures::write;
use super::full::{HOSTILE, robot, version};
use crate::Store;

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let mut all = HOSTILE.map(robot).to_vec();
    all.push(Robot { inline_on: false, menus: Vec::new(), ..robot("plain") });
    write(store, |tx| all.iter().for_each(|one| tx.put_robot(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.robot(&one.id).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.robot(&Uid::new("nobody")).unwrap(), None);
}

pub(super) fn a_newer_version_replaces_the_menus(store: &mut dyn Store) {
    let with = |n, places: &[usize]| {
        let all = robot("r").menus;
        let menus = places.iter().map(|place| all[*place].clone()).collect();
        Robot { version: version(n), menus, ..robot("r") }
    };
    write(store, |tx| {
        assert_eq!(tx.save_robot(&with(2, &[0, 1, 2])).unwrap(), Written::Inserted);
        assert_eq!(tx.save_robot(&with(1, &[])).unwrap(), Written::Older);
        assert_eq!(tx.save_robot(&with(2, &[])).unwrap(), Written::Unchanged);
        assert_eq!(tx.robot(&Uid::new("r")).unwrap(), Some(with(2, &[0, 1, 2])));
        assert_eq!(tx.save_robot(&with(3, &[1])).unwrap(), Written::Updated);
        assert_eq!(tx.robot(&Uid::new("r")).unwrap(), Some(with(3, &[1])));
    });
}
