//! Named random streams (S-56): a draw is a function of seed, stream and number, so one stream never shifts another.

/// One round of the splitmix64 generator.
#[must_use]
pub const fn splitmix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a over the bytes of a stream's name.
#[must_use]
pub const fn fnv1a64(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        at += 1;
    }
    hash
}

/// The key of a stream under a seed.
#[must_use]
pub const fn stream_key(seed: u64, stream: &str) -> u64 {
    splitmix(splitmix(seed) ^ fnv1a64(stream))
}

/// Draw number `n` of the stream with this key.
#[must_use]
pub const fn draw(key: u64, n: u64) -> u64 {
    splitmix(key ^ splitmix(n))
}
