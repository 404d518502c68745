//! Tokens of code hosts, CI services, package registries and developer tools.
//!
//! Prefixes, lengths and alphabets come from public descriptions, not from issued tokens. Must hold
//! data only.

use crate::bytes::{ALNUM, B64U, B64U_DOT, ByteClass, HEX, LOWER_ALNUM, WORD};
use crate::detector::{Detector, Validator};
use crate::shape::Shape;

const BASE32_LOWER: ByteClass = ByteClass::of(&[(b'a', b'z'), (b'2', b'7')]);

pub(super) const DETECTORS: [Detector; 31] = [
    Detector::token(
        "github-token",
        "GitHub personal, OAuth or user-to-server token",
        Shape::new(&["ghp_", "gho_", "ghu_"], ALNUM, 16),
    )
    .checked(Validator::CrcBase62 {
        prefix: 4,
        length: 40,
    }),
    Detector::token(
        "github-server-token",
        "GitHub server-to-server token",
        Shape::new(&["ghs_"], WORD, 16).run(B64U_DOT),
    ),
    Detector::token(
        "github-refresh-token",
        "GitHub refresh token",
        Shape::new(&["ghr_"], ALNUM, 16),
    )
    .checked(Validator::CrcBase62 {
        prefix: 4,
        length: 80,
    }),
    Detector::token(
        "github-fine-grained-token",
        "GitHub fine-grained personal access token",
        Shape::new(&["github_pat_"], WORD, 16),
    )
    .checked(Validator::Sha256Base32),
    Detector::token(
        "gitlab-token",
        "GitLab access, deploy, runner, trigger, feed, agent or job token",
        Shape::new(
            &[
                "glpat-",
                "gldt-",
                "glrt-",
                "glptt-",
                "glft-",
                "glagent-",
                "glcbt-",
                "glsoat-",
                "gloas-",
                "glimt-",
                "glffct-",
                "GR1348941",
            ],
            B64U,
            16,
        )
        .run(B64U_DOT),
    )
    .checked(Validator::CrcBase36),
    Detector::token(
        "bitbucket-token",
        "Bitbucket app password",
        Shape::new(&["ATBB"], ALNUM, 28).short(),
    ),
    Detector::token(
        "atlassian-api-token",
        "Atlassian API token",
        Shape::new(&["ATATT3", "ATCTT3"], B64U, 16).run(B64U.with(b"=")),
    )
    .checked(Validator::CrcHexUpper),
    Detector::token(
        "npm-token",
        "npm access token",
        Shape::new(&["npm_"], ALNUM, 28).word(),
    )
    .checked(Validator::CrcBase62 {
        prefix: 4,
        length: 40,
    }),
    Detector::token(
        "pypi-token",
        "PyPI upload token",
        Shape::new(&["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBp"], B64U, 16),
    ),
    Detector::token(
        "crates-io-token",
        "crates.io API token",
        Shape::new(&["cio"], ALNUM, 32)
            .short()
            .confirm(is_mixed_case),
    ),
    Detector::token(
        "rubygems-api-key",
        "RubyGems API key",
        Shape::new(&["rubygems_"], HEX, 20).run(ALNUM),
    ),
    Detector::token(
        "nuget-api-key",
        "NuGet API key",
        Shape::new(&["oy2"], BASE32_LOWER, 43)
            .short()
            .run(ALNUM)
            .confirm(has_digit),
    ),
    Detector::token(
        "clojars-token",
        "Clojars deploy token",
        Shape::new(&["CLOJARS_"], ALNUM, 20),
    ),
    Detector::token(
        "docker-token",
        "Docker personal or organisation access token",
        Shape::new(&["dckr_pat_", "dckr_oat_"], B64U, 16),
    ),
    Detector::token(
        "docker-swarm-token",
        "Docker Swarm join token or unlock key",
        Shape::new(&["SWMTKN-1-", "SWMKEY-1-"], B64U, 16).run(B64U.with(b"+/=")),
    ),
    Detector::token(
        "artifactory-api-key",
        "Artifactory API key or reference token",
        Shape::new(&["AKCp", "cmVmdGtuO"], ALNUM, 40).short(),
    ),
    Detector::token(
        "sonarqube-token",
        "SonarQube token",
        Shape::new(&["squ_", "sqp_", "sqa_"], HEX, 32)
            .short()
            .run(ALNUM),
    ),
    Detector::token(
        "sourcegraph-token",
        "Sourcegraph access token",
        Shape::new(&["sgp_"], WORD, 36).short(),
    ),
    Detector::token(
        "circleci-token",
        "CircleCI access token",
        Shape::new(&["CCIPAT_", "CCIPRJ_"], WORD, 16),
    ),
    Detector::token(
        "buildkite-token",
        "Buildkite access token",
        Shape::new(&["bkua_", "bkct_"], ALNUM, 20).word(),
    ),
    Detector::token(
        "pulumi-token",
        "Pulumi token",
        Shape::new(&["pul-"], HEX, 36).short(),
    ),
    Detector::token(
        "postman-api-key",
        "Postman API key",
        Shape::new(&["PMAK-"], HEX, 16).run(B64U),
    ),
    Detector::token(
        "linear-token",
        "Linear API key or OAuth token",
        Shape::new(&["lin_api_", "lin_oauth_"], ALNUM, 16),
    ),
    Detector::token(
        "figma-token",
        "Figma access token",
        Shape::new(&["figd_"], B64U, 20).word(),
    ),
    Detector::token(
        "notion-token",
        "Notion integration token",
        Shape::new(&["ntn_"], ALNUM, 40).short(),
    ),
    Detector::token(
        "doppler-token",
        "Doppler token",
        Shape::new(
            &[
                "dp.pt.",
                "dp.st.",
                "dp.ct.",
                "dp.sa.",
                "dp.scim.",
                "dp.audit.",
            ],
            ALNUM,
            20,
        )
        .word()
        .run(B64U_DOT),
    ),
    Detector::token(
        "tailscale-key",
        "Tailscale key",
        Shape::new(&["tskey-"], B64U, 16),
    ),
    Detector::token(
        "harness-token",
        "Harness access token",
        Shape::new(&["pat.", "sat."], B64U, 20)
            .short()
            .run(B64U_DOT)
            .confirm(has_three_dots),
    ),
    Detector::token(
        "zuplo-api-key",
        "Zuplo API key",
        Shape::new(&["zpka_"], WORD, 20).word(),
    )
    .checked(Validator::CrcHexLower { prefix: 5 }),
    Detector::token(
        "openshift-token",
        "OpenShift access token",
        Shape::new(&["sha256~"], B64U, 16),
    ),
    Detector::token(
        "netlify-token",
        "Netlify access token",
        Shape::new(&["nfp_", "nfc_", "nfo_", "nfu_"], LOWER_ALNUM, 30)
            .short()
            .run(ALNUM),
    ),
];

fn has_digit(token: &[u8]) -> bool {
    token.iter().any(u8::is_ascii_digit)
}

fn is_mixed_case(token: &[u8]) -> bool {
    has_digit(token)
        && token.iter().any(u8::is_ascii_uppercase)
        && token
            .get(3..)
            .is_some_and(|body| body.iter().any(u8::is_ascii_lowercase))
}

fn has_three_dots(token: &[u8]) -> bool {
    token.iter().filter(|byte| **byte == b'.').count() >= 3
}
