//! `Graph`: what the checks need of the answer of `cargo metadata`, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package as MetadataPackage};

use crate::{error::Error, workspace::Workspace};

#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// The names of the workspace's own crates.
    pub(crate) members: BTreeSet<String>,
    /// Every dependency that a member's Cargo.toml names.
    pub(crate) declared: Vec<Declared>,
    /// Every package of the resolved graph, by an id that is opaque.
    pub(crate) packages: BTreeMap<String, Package>,
}

/// One line of a `[dependencies]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[dependencies]`, optional ones too.
    Normal,
    /// `[dev-dependencies]`: tests, examples and benchmarks only.
    Dev,
    /// `[build-dependencies]`.
    Build,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) licence: Option<String>,
    pub(crate) origin: Origin,
    /// Ids of the packages that are linked into this one: normal dependencies of any platform, all features of
    /// the workspace's crates on.
    pub(crate) links: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    #[default]
    Workspace,
    CratesIo,
    Other,
}

impl Graph {
    pub(crate) fn of_workspace(workspace: &Workspace) -> Result<Self, Error> {
        let mut command = MetadataCommand::new();
        command.manifest_path(workspace.root().join("Cargo.toml")).features(CargoOpt::AllFeatures);
        Ok(Self::from_metadata(&command.exec()?))
    }

    fn from_metadata(metadata: &Metadata) -> Self {
        let mut graph = Self::default();
        for package in metadata.workspace_packages() {
            graph.members.insert(package.name.to_string());
            graph.declared.extend(declared(package));
        }
        for package in &metadata.packages {
            let origin = match &package.source {
                None => Origin::Workspace,
                Some(source) if source.is_crates_io() => Origin::CratesIo,
                Some(_) => Origin::Other,
            };
            let (name, licence) = (package.name.to_string(), package.license.clone());
            graph
                .packages
                .insert(package.id.repr.clone(), Package { name, licence, origin, links: Vec::new() });
        }
        for node in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            let linked =
                node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
            if let Some(package) = graph.packages.get_mut(&node.id.repr) {
                package.links = linked.map(|dep| dep.pkg.repr.clone()).collect();
            }
        }
        graph
    }
}

fn declared(package: &MetadataPackage) -> impl Iterator<Item = Declared> {
    package.dependencies.iter().map(|dependency| {
        let kind = match dependency.kind {
            DependencyKind::Development => Kind::Dev,
            DependencyKind::Build => Kind::Build,
            _ => Kind::Normal,
        };
        Declared { from: package.name.to_string(), to: dependency.name.clone(), kind }
    })
}
