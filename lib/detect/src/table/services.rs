//! Tokens of messaging, payment, monitoring and other hosted services.
//!
//! Prefixes, lengths and alphabets come from public descriptions, not from issued tokens. Must hold
//! data only.

use crate::bytes::{ALNUM, B64, B64U, B64U_DOT, ByteClass, DIGIT, HEX, WORD};
use crate::detector::{Detector, DetectorClass, Validator};
use crate::shape::Shape;

const BASE32: ByteClass = ByteClass::of(&[(b'A', b'Z'), (b'2', b'7')]);
const PATH: ByteClass = B64U.with(b"/@");
const SLACK: ByteClass = ALNUM.with(b"-%+/=_");

pub(super) const DETECTORS: [Detector; 38] = [
    Detector::token(
        "slack-token",
        "Slack token",
        Shape::new(
            &[
                "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxe-", "xoxe.xox", "xapp-",
                "xoxc-", "xoxd-",
            ],
            ALNUM.with(b"-%"),
            12,
        )
        .run(SLACK.with(b".")),
    ),
    Detector::token(
        "slack-webhook",
        "Slack webhook path",
        Shape::new(&["hooks.slack.com/"], PATH, 20).keeps_anchor(),
    ),
    Detector::token(
        "teams-webhook",
        "Microsoft Teams webhook path",
        Shape::new(&["webhook.office.com/"], PATH, 20).keeps_anchor(),
    ),
    Detector::token(
        "discord-webhook",
        "Discord webhook path",
        Shape::new(
            &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
            PATH,
            20,
        )
        .keeps_anchor(),
    ),
    Detector::token(
        "discord-bot-token",
        "Discord bot token",
        Shape::new(
            &[
                "MTA", "MTE", "MTI", "MTM", "MTQ", "MTU", "MTY", "MTc", "MTg", "MTk",
            ],
            ALNUM,
            20,
        )
        .short()
        .run(B64U_DOT)
        .confirm(is_discord),
    ),
    Detector::token(
        "telegram-bot-token",
        "Telegram bot token",
        Shape::new(&[":AA"], B64U, 30).after(DIGIT, 8, 10),
    ),
    Detector::token(
        "stripe-secret-key",
        "Stripe secret or restricted key",
        Shape::new(&["sk_live_", "sk_test_", "rk_live_", "rk_test_"], ALNUM, 10),
    ),
    Detector::token(
        "stripe-webhook-secret",
        "Stripe webhook secret",
        Shape::new(&["whsec_"], ALNUM, 16).run(B64),
    ),
    Detector::token(
        "stripe-publishable-key",
        "Stripe publishable key",
        Shape::new(&["pk_live_", "pk_test_"], ALNUM, 10),
    )
    .class(DetectorClass::Publishable),
    Detector::token(
        "sendgrid-api-key",
        "SendGrid API key",
        Shape::new(&["SG."], B64U_DOT, 40)
            .short()
            .confirm(has_inner_dot),
    ),
    Detector::token(
        "twilio-api-key",
        "Twilio API key",
        Shape::new(
            &[
                "SK0", "SK1", "SK2", "SK3", "SK4", "SK5", "SK6", "SK7", "SK8", "SK9", "SKa", "SKb",
                "SKc", "SKd", "SKe", "SKf",
            ],
            HEX,
            31,
        )
        .short()
        .run(ALNUM),
    ),
    Detector::token(
        "mailgun-api-key",
        "Mailgun API key",
        Shape::new(&["key-"], HEX, 32).short(),
    ),
    Detector::token(
        "mailchimp-api-key",
        "Mailchimp API key",
        Shape::new(&["-us"], DIGIT, 1).after(HEX, 32, 32).run(ALNUM),
    ),
    Detector::token(
        "brevo-api-key",
        "Brevo API key",
        Shape::new(&["xkeysib-"], B64U, 16),
    ),
    Detector::token(
        "resend-api-key",
        "Resend API key",
        Shape::new(&["re_"], WORD, 32).short().confirm(is_resend),
    ),
    Detector::token(
        "airtable-token",
        "Airtable personal access token",
        Shape::new(&["pat"], ALNUM, 14)
            .short()
            .run(ALNUM.with(b"."))
            .confirm(is_airtable),
    ),
    Detector::token(
        "shopify-token",
        "Shopify access token or secret",
        Shape::new(&["shpat_", "shpca_", "shppa_", "shpss_"], HEX, 16).run(ALNUM),
    ),
    Detector::token(
        "square-token",
        "Square access token or secret",
        Shape::new(&["sq0atp-", "sq0csp-", "sq0idp-"], B64U, 16),
    ),
    Detector::token(
        "facebook-token",
        "Facebook or Square access token",
        Shape::new(&["EAA"], B64U, 60).short(),
    ),
    Detector::token(
        "planetscale-token",
        "PlanetScale token or password",
        Shape::new(&["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], B64U, 16).run(B64U_DOT),
    ),
    Detector::token(
        "supabase-key",
        "Supabase access token or secret key",
        Shape::new(&["sbp_", "sb_secret_"], B64U, 20).word(),
    ),
    Detector::token(
        "supabase-publishable-key",
        "Supabase publishable key",
        Shape::new(&["sb_publishable_"], B64U, 16),
    )
    .class(DetectorClass::Publishable),
    Detector::token(
        "neon-api-key",
        "Neon API key",
        Shape::new(&["napi_"], ALNUM, 40).short(),
    ),
    Detector::token(
        "onepassword-token",
        "1Password service account token",
        Shape::new(&["ops_eyJ"], B64U, 16).run(B64U.with(b"=")),
    ),
    Detector::token(
        "fly-token",
        "Fly.io token",
        Shape::new(&["FlyV1 fm", "fo1_"], B64.with(b"_,-"), 20),
    ),
    Detector::token(
        "heroku-api-key",
        "Heroku API key",
        Shape::new(&["HRKU-AA"], B64U, 16),
    ),
    Detector::token(
        "confluent-api-secret",
        "Confluent API secret",
        Shape::new(&["cflt"], ALNUM.with(b"+/"), 50).short(),
    )
    .checked(Validator::CrcBase64 { prefix: 4 }),
    Detector::token(
        "mongodb-atlas-secret",
        "MongoDB Atlas service account secret",
        Shape::new(&["mdb_sa_sk_"], B64U, 16),
    ),
    Detector::token(
        "sentry-token",
        "Sentry auth token",
        Shape::new(&["sntrys_", "sntryu_"], B64, 16).run(B64.with(b"_")),
    ),
    Detector::token(
        "newrelic-key",
        "New Relic key",
        Shape::new(&["NRAK-", "NRII-", "NRJS-", "NRIQ-"], B64U, 16).word(),
    ),
    Detector::token(
        "grafana-token",
        "Grafana token",
        Shape::new(&["glsa_", "glc_"], WORD, 20)
            .word()
            .run(B64.with(b"_-")),
    ),
    Detector::token(
        "posthog-key",
        "PostHog personal API key",
        Shape::new(&["phx_"], ALNUM, 30).short(),
    ),
    Detector::token(
        "posthog-project-key",
        "PostHog project key",
        Shape::new(&["phc_"], ALNUM, 30).short(),
    )
    .class(DetectorClass::Publishable),
    Detector::token(
        "dynatrace-token",
        "Dynatrace token",
        Shape::new(&["dt0c01.", "dt0s01.", "dt0s16."], ALNUM, 16).run(B64U_DOT),
    ),
    Detector::token(
        "elastic-api-key",
        "Elastic user or service key",
        Shape::new(&["essu_"], B64, 20).word(),
    ),
    Detector::token(
        "dropbox-token",
        "Dropbox access token",
        Shape::new(&["sl.", "sl.u."], B64U, 100).short(),
    ),
    Detector::token(
        "nats-seed",
        "NATS seed",
        Shape::new(&["SUA", "SAA", "SOA", "SNA", "SCA"], BASE32, 55).short(),
    )
    .class(DetectorClass::Key),
    Detector::token(
        "mapbox-secret-token",
        "Mapbox secret token",
        Shape::new(&["sk.eyJ"], B64U_DOT, 40).word(),
    ),
];

fn has_inner_dot(token: &[u8]) -> bool {
    token.get(3..).is_some_and(|body| body.contains(&b'.'))
}

fn is_discord(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'.').map(<[u8]>::len);
    matches!(
        (parts.next(), parts.next(), parts.next()),
        (Some(23..=30), Some(6..=7), Some(25..))
    )
}

fn is_resend(token: &[u8]) -> bool {
    token.get(11) == Some(&b'_') && token.iter().any(u8::is_ascii_digit)
}

fn is_airtable(token: &[u8]) -> bool {
    token.get(17) == Some(&b'.') && token.len() >= 60
}
