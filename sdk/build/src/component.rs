//! From module to component, and what a guest's binary says of itself.
//!
//! The flags of the nested cargo can get lost without any error, so the artifact is asked and not
//! the command line.

use wasmparser::{KnownCustom, Operator, Parser, Payload};
use wit_component::ComponentEncoder;

/// Shadow stack of every guest, in bytes. rustc's default of 1 MiB makes an instance 17 pages
/// large before it does anything.
pub(crate) const STACK_BYTES: u32 = 65_536;

/// The only package that a guest may import.
const CONTRACT: &str = "tamis:plugin/";
/// What a guest must export.
const EXPORTS: [&str; 3] = ["configure", "describe", "process"];

/// What the binary of a guest says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guest {
    /// Whether it is a component, and not a module.
    pub component: bool,
    /// What it imports: interfaces of a component, modules of a module; sorted, each once.
    pub imports: Vec<String>,
    /// What a component exports, sorted.
    pub exports: Vec<String>,
    /// Whether it was compiled with `simd128`.
    pub simd: bool,
    /// Size of its shadow stack, when it can be told.
    pub stack_bytes: Option<u32>,
    /// Whether functions have names, for backtraces.
    pub names: bool,
}

/// Why a module cannot be a plugin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// It is not WebAssembly.
    #[error("not a WebAssembly binary")]
    Parse(#[source] wasmparser::BinaryReaderError),
    /// It needs something that no host offers.
    #[error(
        "it imports `{import}`, and a plugin may import only `{CONTRACT}*`: a dependency expects a browser or an operating system"
    )]
    Import {
        /// The module or interface.
        import: String,
    },
    /// It was built without `simd128`.
    #[error("it was built without -Ctarget-feature=+simd128")]
    Simd,
    /// Its stack has another size.
    #[error("its stack has {stack_bytes:?} bytes, expected {STACK_BYTES}")]
    Stack {
        /// The size found, when one was.
        stack_bytes: Option<u32>,
    },
    /// Its functions have no names.
    #[error("its name section is gone, so no backtrace could be read")]
    Names,
    /// It does not export the contract.
    #[error(
        "it does not export `{export}`; is there a `tamis_sdk::export!` at the root of the crate?"
    )]
    Export {
        /// What it does not export.
        export: &'static str,
    },
    /// Its exports or imports are not of the contract's types.
    #[error("it does not fit the contract: {reason}")]
    Encode {
        /// What the encoder says.
        reason: String,
    },
}

/// Makes a component of a module that was compiled against the SDK.
///
/// # Errors
/// [`ComponentError`] when the module is not what the host can rely on.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, ComponentError> {
    let guest = inspect(module)?;
    if let Some(import) = guest
        .imports
        .iter()
        .find(|import| !import.starts_with(CONTRACT))
    {
        return Err(ComponentError::Import {
            import: import.clone(),
        });
    }
    if !guest.simd {
        return Err(ComponentError::Simd);
    }
    if guest.stack_bytes != Some(STACK_BYTES) {
        return Err(ComponentError::Stack {
            stack_bytes: guest.stack_bytes,
        });
    }
    if !guest.names {
        return Err(ComponentError::Names);
    }
    let encoder = ComponentEncoder::default();
    let encoded = encoder
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode());
    let component = encoded.map_err(|error| ComponentError::Encode {
        reason: format!("{error:#}"),
    })?;
    // The encoder makes an empty component of a module that exports nothing.
    let exports = inspect(&component)?.exports;
    match EXPORTS
        .iter()
        .find(|export| !exports.iter().any(|there| there == *export))
    {
        Some(export) => Err(ComponentError::Export { export }),
        None => Ok(component),
    }
}

/// Reads what a module or a component says of itself.
///
/// # Errors
/// [`ComponentError::Parse`] when it is neither.
pub fn inspect(binary: &[u8]) -> Result<Guest, ComponentError> {
    let mut guest = Guest::default();
    for payload in Parser::new(0).parse_all(binary) {
        read(&payload.map_err(ComponentError::Parse)?, &mut guest)
            .map_err(ComponentError::Parse)?;
    }
    guest.imports.sort();
    guest.imports.dedup();
    guest.exports.sort();
    Ok(guest)
}

/// Takes one payload into account. In a component its modules are asked too, but not for their
/// imports: those are wired inside.
fn read(payload: &Payload<'_>, guest: &mut Guest) -> Result<(), wasmparser::BinaryReaderError> {
    match payload {
        Payload::Version {
            encoding: wasmparser::Encoding::Component,
            ..
        } => guest.component = true,
        Payload::ComponentImportSection(section) => {
            for import in section.clone() {
                guest.imports.push(import?.name.name.to_owned());
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section.clone() {
                guest.exports.push(export?.name.name.to_owned());
            }
        }
        Payload::ImportSection(section) if !guest.component => {
            for import in section.clone().into_imports() {
                guest.imports.push(import?.module.to_owned());
            }
        }
        Payload::GlobalSection(section) => {
            // The linker makes the stack pointer the first global and lets the stack begin at 0.
            if let (None, Some(global)) = (guest.stack_bytes, section.clone().into_iter().next())
                && let Operator::I32Const { value } =
                    global?.init_expr.get_operators_reader().read()?
            {
                guest.stack_bytes = u32::try_from(value).ok();
            }
        }
        Payload::CustomSection(section) if section.name() == "target_features" => {
            let simd = b"+\x07simd128";
            guest.simd |= section
                .data()
                .windows(simd.len())
                .any(|entry| entry == simd);
        }
        Payload::CustomSection(section) => {
            guest.names |= matches!(section.as_known(), KnownCustom::Name(_));
        }
        _ => {}
    }
    Ok(())
}
