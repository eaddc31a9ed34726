//! Lower-case hex digits.

/// The digits of public bytes.
pub(crate) fn string(bytes: &[u8]) -> String {
    let mut digits = vec![0; bytes.len() * 2];
    write(bytes, &mut digits);
    digits.into_iter().map(char::from).collect()
}

/// Writes into a buffer of the caller's, which must be twice as long as `bytes`, so that no copy
/// of a secret's digits stays behind on the heap.
pub(crate) fn write(bytes: &[u8], digits: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(digits.chunks_exact_mut(2)) {
        for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 0xf]) {
            *digit = nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        }
    }
}
