//! Keys of model vendors and of the services around them.
//!
//! Prefixes, lengths and alphabets come from public descriptions, not from issued tokens. Must hold
//! data only.

use crate::bytes::{ALNUM, B64, B64U, HEX, WORD};
use crate::detector::{Detector, DetectorClass, Validator};
use crate::shape::Shape;

pub(super) const DETECTORS: [Detector; 24] = [
    Detector::token(
        "anthropic-api-key",
        "Anthropic API, admin or OAuth key",
        Shape::new(&["sk-ant-"], B64U, 16),
    ),
    Detector::token(
        "openai-api-key",
        "OpenAI project, service-account or admin key",
        Shape::new(
            &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"],
            B64U,
            16,
        ),
    ),
    Detector::token(
        "openai-legacy-key",
        "OpenAI key, known by the marker in its middle",
        Shape::new(&["T3BlbkFJ"], B64U, 16).after(B64U, 19, 160),
    ),
    Detector::token(
        "openrouter-api-key",
        "OpenRouter API key",
        Shape::new(&["sk-or-v1-"], HEX, 16).run(B64U),
    ),
    Detector::token(
        "langfuse-secret-key",
        "Langfuse secret key",
        Shape::new(&["sk-lf-"], B64U, 16),
    ),
    Detector::token(
        "secret-key-sk",
        "Key that starts with sk-, of any vendor",
        Shape::new(&["sk-"], B64U, 16).word().confirm(is_random_sk),
    ),
    Detector::token(
        "groq-api-key",
        "Groq API key",
        Shape::new(&["gsk_"], ALNUM, 20).word(),
    ),
    Detector::token(
        "xai-api-key",
        "xAI API key",
        Shape::new(&["xai-"], ALNUM, 20).word(),
    ),
    Detector::token(
        "perplexity-api-key",
        "Perplexity API key",
        Shape::new(&["pplx-"], ALNUM, 20).word(),
    ),
    Detector::token(
        "replicate-api-token",
        "Replicate API token",
        Shape::new(&["r8_"], ALNUM, 30).short(),
    ),
    Detector::token(
        "nvidia-api-key",
        "NVIDIA API key",
        Shape::new(&["nvapi-"], B64U, 20),
    ),
    Detector::token(
        "cerebras-api-key",
        "Cerebras API key",
        Shape::new(&["csk-"], ALNUM, 30).short(),
    ),
    Detector::token(
        "together-api-key",
        "Together AI API key",
        Shape::new(&["tgp_v1_"], B64U, 16),
    ),
    Detector::token(
        "tavily-api-key",
        "Tavily API key",
        Shape::new(&["tvly-"], B64U, 20).word(),
    ),
    Detector::token(
        "fireworks-api-key",
        "Fireworks AI API key",
        Shape::new(&["fw_"], ALNUM, 22)
            .short()
            .confirm(has_digit_and_letter),
    ),
    Detector::token(
        "langsmith-api-key",
        "LangSmith API key",
        Shape::new(&["lsv2_pt_", "lsv2_sk_"], HEX, 16).run(WORD),
    ),
    Detector::token(
        "pinecone-api-key",
        "Pinecone API key",
        Shape::new(&["pcsk_"], WORD, 20).word(),
    ),
    Detector::token(
        "wandb-api-key",
        "Weights & Biases API key",
        Shape::new(&["wandb_v1_"], WORD, 20),
    ),
    Detector::token(
        "apify-api-token",
        "Apify API token",
        Shape::new(&["apify_api_"], ALNUM, 16),
    )
    .checked(Validator::CrcBase62LowerFirst { length: 46 }),
    Detector::token(
        "cursor-api-key",
        "Cursor API key",
        Shape::new(&["key_"], HEX, 64).short(),
    ),
    Detector::token(
        "huggingface-token",
        "Hugging Face access token",
        Shape::new(&["hf_", "api_org_"], ALNUM, 28).short(),
    ),
    Detector::token(
        "runpod-api-key",
        "RunPod API key",
        Shape::new(&["rpa_"], ALNUM, 40).short(),
    ),
    Detector::token(
        "bedrock-api-key",
        "Amazon Bedrock API key",
        Shape::new(&["ABSKQmVkcm9ja0FQSUtleS", "bedrock-api-key-"], B64, 16),
    ),
    Detector::token(
        "langfuse-public-key",
        "Langfuse public key",
        Shape::new(&["pk-lf-"], B64U, 16),
    )
    .class(DetectorClass::Publishable),
];

fn has_digit_and_letter(token: &[u8]) -> bool {
    token.iter().any(u8::is_ascii_digit) && token.iter().any(u8::is_ascii_alphabetic)
}

/// A class name such as `sk-fading-circle-wrapper` has no digits, or no letters beside them.
fn is_random_sk(token: &[u8]) -> bool {
    let body = token.get(3..).unwrap_or_default();
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    let upper = body.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    digits >= 3 || digits >= 1 && upper >= 3 || upper >= 6
}
