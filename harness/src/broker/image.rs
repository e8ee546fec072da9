//! The name of a container image, taken apart as testcontainers wants it.

/// An image reference in two parts that make it up again when they are joined with a colon.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image<'a> {
    /// What stands before the tag or before the digest's hexadecimal part.
    pub(super) name: &'a str,
    /// The tag, or that part.
    pub(super) tag: &'a str,
}

impl<'a> Image<'a> {
    /// `[HOST[:PORT]/]NAME[:TAG]`, without a tag `latest`; or `…@sha256:DIGEST`.
    ///
    /// # Errors
    /// What is no image's name.
    pub(super) fn parse(reference: &'a str) -> Result<Self, String> {
        // A colon before a slash belongs to the registry's port.
        let (name, tag) = match reference.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (reference, "latest"),
        };
        let malformed =
            |part: &str| part.is_empty() || part.ends_with('/') || part.chars().any(char::is_whitespace);
        if malformed(name) || malformed(tag) || name.starts_with('/') {
            return Err(format!(
                "{reference:?} names no image: use NAME, NAME:TAG or NAME@sha256:DIGEST"
            ));
        }
        let digest = name.rsplit_once('@').map(|(_, algorithm)| algorithm);
        let is_hexadecimal = tag.chars().all(|c| c.is_ascii_hexdigit());
        match digest {
            None if reference.contains('@') => Err(format!("{reference:?} has no digest behind its @")),
            Some(algorithm) if algorithm != "sha256" || tag.len() != 64 || !is_hexadecimal => Err(format!(
                "{reference:?} is no digest: behind @ come sha256: and 64 hexadecimal digits"
            )),
            _ => Ok(Self { name, tag }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(reference: &str) -> (&str, &str) {
        let Image { name, tag } = Image::parse(reference).unwrap();
        (name, tag)
    }

    #[test]
    fn an_image_without_a_tag_is_the_latest() {
        assert_eq!(parsed("redis"), ("redis", "latest"));
        assert_eq!(parsed("library/redis"), ("library/redis", "latest"));
    }

    #[test]
    fn the_port_of_a_registry_is_no_tag() {
        assert_eq!(parsed("localhost:5000/redis"), ("localhost:5000/redis", "latest"));
        assert_eq!(
            parsed("localhost:5000/redis:7.4"),
            ("localhost:5000/redis", "7.4")
        );
    }

    #[test]
    fn a_digest_is_kept_whole() {
        let digest = "0123456789abcdef".repeat(4);
        for name in ["redis", "localhost:5000/redis:7.4"] {
            let reference = format!("{name}@sha256:{digest}");
            let Image { name, tag } = Image::parse(&reference).unwrap();
            assert_eq!(format!("{name}:{tag}"), reference);
        }
    }

    #[test]
    fn what_names_no_image_is_refused() {
        for wrong in [
            "",
            ":7.4",
            "redis:",
            "redis/",
            "localhost:5000/",
            "re dis",
            "/redis",
        ] {
            assert!(
                Image::parse(wrong).unwrap_err().contains("names no image"),
                "{wrong}"
            );
        }
        for wrong in ["redis@sha256:12", "redis@sha256", "redis@md5:0123", "redis@"] {
            assert!(Image::parse(wrong).unwrap_err().contains("digest"), "{wrong}");
        }
    }
}
