//! Modules that are no plugins, each with the error that says why.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by a panic")]

use tamis_build::{ComponentError, componentize, inspect};

/// A module from text, with the custom sections that a linker leaves.
fn module(text: &str, features: Option<&str>) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    if let Some(feature) = features {
        let name = "target_features";
        let mut section = vec![name.len() as u8];
        section.extend_from_slice(name.as_bytes());
        section.extend([1, b'+', feature.len() as u8]);
        section.extend_from_slice(feature.as_bytes());
        module.extend([0, section.len() as u8]);
        module.extend(section);
    }
    module
}

const STACK: &str = "(global (mut i32) (i32.const 65536))";

fn error(text: &str, features: Option<&str>) -> ComponentError {
    componentize(&module(text, features)).unwrap_err()
}

#[test]
fn what_the_flags_should_have_done_is_checked() {
    let simd = Some("simd128");
    let lost = error(&format!("(module {STACK} (func $named))"), Some("sign-ext"));
    assert!(matches!(lost, ComponentError::Simd), "{lost}");
    let lost = error(
        "(module (global (mut i32) (i32.const 1048576)) (func $named))",
        simd,
    );
    assert!(
        matches!(
            lost,
            ComponentError::Stack {
                stack_bytes: Some(1_048_576)
            }
        ),
        "{lost}"
    );
    let lost = error("(module (func $named))", simd);
    assert!(
        matches!(lost, ComponentError::Stack { stack_bytes: None }),
        "{lost}"
    );
    let lost = error(&format!("(module {STACK} (func))"), simd);
    assert!(matches!(lost, ComponentError::Names), "{lost}");
}

#[test]
fn a_module_without_the_contract_is_told_about_export() {
    let plain = error(
        &format!("(module {STACK} (memory (export \"memory\") 1) (func $named))"),
        Some("simd128"),
    );
    assert!(matches!(plain, ComponentError::Export { .. }), "{plain}");
    assert!(plain.to_string().contains("tamis_sdk::export!"), "{plain}");
}

#[test]
fn an_import_beyond_the_contract_is_named() {
    for import in [
        "wasi_snapshot_preview1",
        "__wbindgen_placeholder__",
        "env",
        "tamis:pluginx/log",
    ] {
        let text = format!("(module (import \"{import}\" \"f\" (func)) {STACK} (func $named))");
        let error = error(&text, Some("simd128"));
        assert!(
            error.to_string().contains(&format!("`{import}`")),
            "{error}"
        );
    }
}

#[test]
fn what_is_no_wasm_is_an_error_and_no_panic() {
    for bytes in [b"".as_slice(), b"\0asm", b"PK\x03\x04", &[0xff; 64]] {
        assert!(matches!(inspect(bytes), Err(ComponentError::Parse(_))));
    }
}
