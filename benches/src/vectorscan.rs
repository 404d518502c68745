//! The `vectorscan` library as a baseline, if the machine has it (Debian: `libvectorscan5`).
//!
//! It is loaded while running, so that nothing has to be there to build the benches. Must never: be
//! more than a baseline; no other part of the project calls it.

#![expect(unsafe_code, reason = "a library with a C interface")]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut};

use libloading::Library;
use tamis_scan::{Case, Literal};

/// `HS_FLAG_CASELESS`.
const CASELESS: c_uint = 1;
/// `HS_MODE_BLOCK`.
const BLOCK: c_uint = 1;

type Compile = unsafe extern "C" fn(
    *const *const c_char,
    *const c_uint,
    *const c_uint,
    *const usize,
    c_uint,
    c_uint,
    *const c_void,
    *mut *mut c_void,
    *mut *mut c_void,
) -> c_int;
type AllocScratch = unsafe extern "C" fn(*const c_void, *mut *mut c_void) -> c_int;
type OnMatch = extern "C" fn(c_uint, u64, u64, c_uint, *mut c_void) -> c_int;
type Scan = unsafe extern "C" fn(
    *const c_void,
    *const c_char,
    c_uint,
    c_uint,
    *mut c_void,
    OnMatch,
    *mut c_void,
) -> c_int;

/// Literals as the library compiled them. Its memory lives as long as the program.
pub(crate) struct Vectorscan {
    scan: Scan,
    database: *mut c_void,
    scratch: *mut c_void,
    // The function pointer above is good while this is loaded.
    _library: Library,
}

impl Vectorscan {
    /// None where the library is missing, refuses the literals or does not find the first of them.
    pub(crate) fn new(literals: &[Literal]) -> Option<Self> {
        let texts: Vec<*const c_char> = literals
            .iter()
            .map(|literal| literal.bytes.as_ptr().cast())
            .collect();
        let flag = |literal: &Literal| match literal.case {
            Case::Sensitive => 0,
            Case::AsciiInsensitive => CASELESS,
        };
        let flags: Vec<c_uint> = literals.iter().map(flag).collect();
        let ids: Vec<c_uint> = (0..).take(literals.len()).collect();
        let lengths: Vec<usize> = literals.iter().map(|literal| literal.bytes.len()).collect();
        let count = c_uint::try_from(literals.len()).ok()?;
        let (mut database, mut scratch, mut error) = (null_mut(), null_mut(), null_mut());
        // SAFETY: the types are those of hs.h 5.4 (the soname ends in 5); the four arrays have
        // `count` elements and outlive the call, which copies them; a null platform means this one.
        // No function is called after `library` is gone, since both stand in one value.
        let (library, scan) = unsafe {
            let library = Library::new("libhs.so.5").ok()?;
            let compile = *library.get::<Compile>(b"hs_compile_lit_multi\0").ok()?;
            let alloc = *library.get::<AllocScratch>(b"hs_alloc_scratch\0").ok()?;
            let scan = *library.get::<Scan>(b"hs_scan\0").ok()?;
            let arrays = (
                texts.as_ptr(),
                flags.as_ptr(),
                ids.as_ptr(),
                lengths.as_ptr(),
            );
            let (texts, flags, ids, lengths) = arrays;
            let compiled = compile(
                texts,
                flags,
                ids,
                lengths,
                count,
                BLOCK,
                null(),
                &raw mut database,
                &raw mut error,
            );
            if compiled != 0 || alloc(database, &raw mut scratch) != 0 {
                return None;
            }
            (library, scan)
        };
        let mut ready = Self {
            scan,
            database,
            scratch,
            _library: library,
        };
        let finds = ready.count(&literals.first()?.bytes) > 0;
        finds.then_some(ready)
    }

    /// How many literals end somewhere in the haystack, at most 4 GiB.
    pub(crate) fn count(&mut self, haystack: &[u8]) -> u64 {
        let mut count = 0_u64;
        let length = c_uint::try_from(haystack.len()).unwrap_or(c_uint::MAX);
        // SAFETY: database and scratch belong together and are used by this thread only (`&mut`);
        // the haystack has `length` bytes; `counted` gets the pointer to `count` as it was given.
        unsafe {
            (self.scan)(
                self.database,
                haystack.as_ptr().cast(),
                length,
                0,
                self.scratch,
                counted,
                (&raw mut count).cast(),
            );
        }
        count
    }
}

extern "C" fn counted(_: c_uint, _: u64, _: u64, _: c_uint, count: *mut c_void) -> c_int {
    // SAFETY: `count` is the pointer that `Vectorscan::count` passed, valid during the scan.
    unsafe { *count.cast::<u64>() += 1 };
    0
}
