//! Keys of clouds and of the infrastructure that runs on them.
//!
//! Prefixes, lengths and alphabets come from public descriptions, not from issued tokens. Must hold
//! data only.

use crate::bytes::{ALNUM, B64, B64U, B64U_DOT, ByteClass, HEX, UPPER_ALNUM, WORD};
use crate::detector::{Detector, DetectorClass, Validator};
use crate::shape::Shape;

const UNPADDED: ByteClass = ALNUM.with(b"+/");
const ENTRA: ByteClass = WORD.with(b"~.-");

pub(super) const DETECTORS: [Detector; 20] = [
    Detector::token(
        "aws-access-key-id",
        "AWS access key id",
        Shape::new(&["AKIA", "ASIA", "ABIA", "ACCA"], UPPER_ALNUM, 16).run(ALNUM),
    ),
    Detector::token(
        "aws-session-token",
        "AWS session token",
        Shape::new(&["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"], B64, 16).run(B64.with(b"-_")),
    ),
    Detector::token(
        "aws-presigned-signature",
        "Signature of a presigned AWS request",
        Shape::new(&["X-Amz-Signature="], HEX, 32).keeps_anchor(),
    ),
    Detector::token(
        "gcp-api-key",
        "Google API key",
        Shape::new(&["AIza", "AQ.Ab8RN6"], B64U, 30).short(),
    ),
    Detector::token(
        "google-oauth-token",
        "Google OAuth access or refresh token",
        Shape::new(&["ya29."], B64U, 16).word().run(B64U_DOT),
    ),
    Detector::token(
        "google-refresh-token",
        "Google OAuth refresh token",
        Shape::new(&["1//0"], B64U, 30).short(),
    ),
    Detector::token(
        "google-client-secret",
        "Google OAuth client secret",
        Shape::new(&["GOCSPX-"], B64U, 16),
    ),
    Detector::token(
        "azure-storage-key",
        "Azure key, known by the signature near its end",
        Shape::new(
            &[
                "+ASt", "+ASb", "+AEh", "ACDb", "+ACR", "AzSe", "AzCa", "+ABa", "AzFu", "+ARm",
                "AIoT", "APIM", "AZEG",
            ],
            UNPADDED,
            6,
        )
        .after(UNPADDED, 30, 80)
        .padded()
        .confirm(is_azure_length),
    )
    .class(DetectorClass::Key),
    Detector::token(
        "azure-ai-key",
        "Azure AI, OpenAI or DevOps key",
        Shape::new(&["JQQJ99"], ALNUM, 20).after(ALNUM, 20, 96),
    )
    .class(DetectorClass::Key),
    Detector::token(
        "azure-client-secret",
        "Entra client secret",
        Shape::new(&["8Q~", "7Q~"], ENTRA, 31).after(ALNUM, 3, 3),
    ),
    Detector::token(
        "azure-sas-signature",
        "Signature of an Azure shared access signature",
        Shape::new(
            &["?sig=", "&sig=", ";sig=", "\\u0026sig="],
            ALNUM.with(b"%+/-_"),
            40,
        )
        .run(B64.with(b"%-_"))
        .keeps_anchor(),
    ),
    Detector::token(
        "cloudflare-token",
        "Cloudflare API token or key",
        Shape::new(&["cfut_", "cfat_", "cfk_"], ALNUM, 30).word(),
    )
    .checked(Validator::CrcHexLower { prefix: 5 }),
    Detector::token(
        "cloudflare-origin-key",
        "Cloudflare origin CA key",
        Shape::new(&["v1.0-"], HEX, 24).short().run(HEX.with(b"-")),
    ),
    Detector::token(
        "digitalocean-token",
        "DigitalOcean token",
        Shape::new(&["dop_v1_", "doo_v1_", "dor_v1_"], HEX, 16).run(ALNUM),
    ),
    Detector::token(
        "vault-token",
        "HashiCorp Vault token",
        Shape::new(&["hvs.", "hvb.", "hvr."], B64U, 20).word(),
    ),
    Detector::token(
        "terraform-cloud-token",
        "Terraform Cloud token",
        Shape::new(&[".atlasv1."], B64U, 16).after(ALNUM, 10, 20),
    ),
    Detector::token(
        "databricks-token",
        "Databricks access token",
        Shape::new(&["dapi"], HEX, 30).short().run(ALNUM.with(b"-")),
    ),
    Detector::token(
        "vercel-token",
        "Vercel token",
        Shape::new(
            &["vcp_", "vci_", "vca_", "vcr_", "vck_", "vcb_", "vct_"],
            B64U,
            40,
        )
        .short(),
    )
    .checked(Validator::CrcBase62 {
        prefix: 4,
        length: 60,
    }),
    Detector::token(
        "alibaba-access-key-id",
        "Alibaba Cloud access key id",
        Shape::new(&["LTAI"], ALNUM, 16).short(),
    ),
    Detector::token(
        "tencent-secret-id",
        "Tencent Cloud secret id",
        Shape::new(&["AKID"], ALNUM, 32).short(),
    ),
];

fn is_azure_length(token: &[u8]) -> bool {
    matches!(token.len(), 43..=44 | 52..=56 | 84 | 86..=88)
}
