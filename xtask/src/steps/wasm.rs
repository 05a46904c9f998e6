//! The wasm step: the sans-IO crates build where there is no operating system.

use std::path::{Path, PathBuf};

use crate::{deps::closure::SANS_IO, error::Error, process::Command, report::Outcome, workspace::Workspace};

pub(crate) const HELP: &str = "\
Build the sans-IO crates for wasm32-unknown-unknown, and wkproto without the standard library

Uses the first toolchain that can, of: the active one, nightly, and Debian's /usr/bin/rustc.

A toolchain can build for wasm if it has the target (`rustup target add wasm32-unknown-unknown`) or the source of the \
standard library, which cargo then builds on the way (`-Zbuild-std`, unlocked by RUSTC_BOOTSTRAP=1). The source comes \
with `rustup component add rust-src`, or on Debian with `apt-get install --no-install-recommends rustc-web \
rust-web-src`, which brings a compiler and its source of the same version and leaves rustup's toolchains alone.

That wkproto needs no standard library is proven by a build that has none: for the target wasm32v1-none if it is \
installed, otherwise with `-Zbuild-std=core,alloc`.

Without any of these the step is skipped and says so. What it builds is in the folder wasm/ of the target folder.";

/// Builds what the installed toolchains can build.
pub(crate) fn build(workspace: &Workspace) -> Result<Outcome, Error> {
    let toolchains = Toolchain::installed(workspace);
    let target_dir = workspace.target_dir()?.join("wasm");
    let no_std = Route::choose(&toolchains, BARE_TARGET);
    if let Some(route) = &no_std {
        let command = route.command(workspace, &target_dir, BARE_TARGET, "core,alloc");
        command.args(["--package", "wkproto", "--no-default-features"]).run()?;
    }
    let std = Route::choose(&toolchains, TARGET);
    if let Some(route) = &std {
        let command = route.command(workspace, &target_dir, TARGET, "std,panic_abort");
        command.args(SANS_IO.iter().flat_map(|name| ["--package", name])).run()?;
    }
    Ok(match (std, no_std) {
        (Some(std), Some(_)) => Outcome::Passed(std.to_string()),
        (Some(_), None) => Outcome::Partly(format!("wkproto without std, {INSTALL_BARE}")),
        (None, Some(_)) => Outcome::Partly(format!("all but wkproto, {INSTALL}")),
        (None, None) => Outcome::Skipped(INSTALL.to_owned()),
    })
}

/// A compiler, and what it could build for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Toolchain {
    rustc: PathBuf,
    /// Major and minor.
    version: (u32, u32),
    targets: Vec<String>,
    has_std_source: bool,
}

impl Toolchain {
    /// The toolchains to try, best first; those that are too old for this workspace are left out.
    fn installed(workspace: &Workspace) -> Vec<Self> {
        let compilers: [&[&str]; 3] = [&["rustc"], &["rustc", "+nightly"], &["/usr/bin/rustc"]];
        let found = compilers.iter().filter_map(|compiler| {
            let (program, args) = compiler.split_first()?;
            let sysroot = Command::new(workspace, program).args(args).args(["--print", "sysroot"]).probe()?;
            Self::of_sysroot(workspace, Path::new(&sysroot))
        });
        let oldest = parse_version(env!("CARGO_PKG_RUST_VERSION"));
        found.filter(|toolchain| Some(toolchain.version) >= oldest).collect()
    }

    fn of_sysroot(workspace: &Workspace, sysroot: &Path) -> Option<Self> {
        let rustc = sysroot.join("bin/rustc");
        let version = Command::new(workspace, rustc.to_str()?).arg("--version").probe()?;
        let libraries = sysroot.join("lib/rustlib");
        let targets =
            [TARGET, BARE_TARGET].into_iter().filter(|target| libraries.join(target).join("lib").is_dir());
        Some(Self {
            rustc,
            version: parse_version(version.split_whitespace().nth(1)?)?,
            targets: targets.map(str::to_owned).collect(),
            has_std_source: libraries.join("src/rust/library/std/src/lib.rs").is_file(),
        })
    }
}

/// How to build for a target that is not the host.
#[derive(Debug, PartialEq, Eq)]
enum Route {
    /// The toolchain has the target's libraries.
    Installed(PathBuf),
    /// Cargo builds the target's libraries from their source.
    FromSource(PathBuf),
}

impl Route {
    fn choose(toolchains: &[Toolchain], target: &str) -> Option<Self> {
        let installed =
            toolchains.iter().find(|toolchain| toolchain.targets.iter().any(|name| name == target));
        let from_source = || toolchains.iter().find(|toolchain| toolchain.has_std_source);
        installed
            .map(|toolchain| Self::Installed(toolchain.rustc.clone()))
            .or_else(|| from_source().map(|toolchain| Self::FromSource(toolchain.rustc.clone())))
    }

    /// `libraries` are the parts of the standard library that the build may use.
    fn command(&self, workspace: &Workspace, target_dir: &Path, target: &str, libraries: &str) -> Command {
        let command = Command::cargo(workspace).args(["build", "--lib", "--target", target, "--target-dir"]);
        // Nothing runs what is built here, so optimising the dependencies would only take time.
        let command = command.arg(target_dir).args(["--config", "profile.dev.package.\"*\".opt-level=0"]);
        match self {
            Self::Installed(rustc) => command.env("RUSTC", rustc),
            // The workspace is built by a stable compiler; only the flag is unstable.
            Self::FromSource(rustc) => command
                .arg(format!("-Zbuild-std={libraries}"))
                .env("RUSTC", rustc)
                .env("RUSTC_BOOTSTRAP", "1"),
        }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Installed(rustc) => write!(f, "with {}", rustc.display()),
            Self::FromSource(rustc) => {
                write!(f, "with {} and its standard library's source", rustc.display())
            }
        }
    }
}

/// Major and minor of `1.89`, `1.95.0` or `1.97.0-nightly`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// WebAssembly with a standard library, most of which answers "unsupported".
const TARGET: &str = "wasm32-unknown-unknown";
/// WebAssembly without one.
const BARE_TARGET: &str = "wasm32v1-none";

const INSTALL: &str = "to build for WebAssembly, install the targets with `rustup target add wasm32-unknown-unknown \
                       wasm32v1-none`, or on Debian `apt-get install --no-install-recommends rustc-web rust-web-src`";
const INSTALL_BARE: &str = "to prove it, install the target with `rustup target add wasm32v1-none`";

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(rustc: &str, targets: &[&str], has_std_source: bool) -> Toolchain {
        let targets = targets.iter().map(|&target| target.to_owned()).collect();
        Toolchain { rustc: rustc.into(), version: (1, 95), targets, has_std_source }
    }

    #[test]
    fn an_installed_target_is_better_than_a_source_and_the_first_toolchain_than_the_second() {
        let bare = toolchain("bare", &[], false);
        let target = toolchain("target", &[TARGET], false);
        let source = toolchain("source", &[], true);
        let other = toolchain("other", &[TARGET], true);
        let choose = |toolchains: &[&Toolchain]| {
            let toolchains: Vec<_> = toolchains.iter().map(|&toolchain| toolchain.clone()).collect();
            Route::choose(&toolchains, TARGET)
        };
        assert_eq!(choose(&[]), None);
        assert_eq!(choose(&[&bare]), None);
        assert_eq!(choose(&[&bare, &source]), Some(Route::FromSource("source".into())));
        assert_eq!(choose(&[&source, &target]), Some(Route::Installed("target".into())));
        assert_eq!(choose(&[&target, &other]), Some(Route::Installed("target".into())));
        assert_eq!(Route::choose(&[target, source], BARE_TARGET), Some(Route::FromSource("source".into())));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("1.89"), Some((1, 89)));
        assert_eq!(parse_version("1.97.0-nightly"), Some((1, 97)));
        assert!(parse_version("1.100.0") > parse_version("1.89"));
        assert_eq!(parse_version("new"), None);
    }
}
