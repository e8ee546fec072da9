//! Memory of a process that does the same again and again.

/// Has the allocator keep what is freed for what comes next, up to some hundred megabytes, where glibc's would hand a merged
/// text's pages back to the system, to ask for them one by one when the next is merged: a fifth of the time of a merge.
///
/// For programs to call as they begin, like `counterfoil`'s own; a library leaves that to them. Other allocators than glibc's are
/// left as they are.
pub fn keep_what_is_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const KEPT_BYTES: i32 = 256 << 20;
        /// The most that glibc takes; what is longer is mapped by itself, and never kept.
        const LONGEST_KEPT_BYTES: i32 = 32 << 20;
        for (parameter, bytes) in [
            (libc::M_TRIM_THRESHOLD, KEPT_BYTES),
            (libc::M_MMAP_THRESHOLD, LONGEST_KEPT_BYTES),
        ] {
            #[expect(unsafe_code, reason = "glibc has no other way to be told")]
            // SAFETY: takes two numbers, and locks what it changes.
            unsafe {
                libc::mallopt(parameter, bytes);
            }
        }
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::hint::black_box;

    /// How many pages this thread has had to ask for.
    fn faults() -> u64 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        fields.split(' ').nth(7).unwrap().parse().unwrap()
    }

    #[test]
    fn what_is_freed_is_there_when_as_much_is_needed_again() {
        const BYTES: usize = 24 << 20;
        super::keep_what_is_freed();
        let pages = || {
            let before = faults();
            drop(black_box(vec![1_u8; BYTES]));
            faults() - before
        };
        assert!(
            pages() > 1000,
            "it has more pages than that, or a tenth as many large ones"
        );
        assert!(pages() < 100);
    }
}
