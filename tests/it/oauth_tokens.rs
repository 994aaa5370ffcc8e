//! Attacks on the tokens of this server, each a token built by hand. All but the signature's own use a key
//! that the server trusts, so that what is refused is refused for the one thing that is wrong.

use agentdata::{
    auth::Scope,
    values::{Id, Timestamp},
};
use base64::Engine;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestApp,
    signer::{Signer, b64, hmac_token, own_claims, own_key, with},
};

async fn list_with(app: &TestApp, token: &str) -> Answer {
    let request = app.anonymous(Method::GET, "/agents");
    app.send(request.bearer_auth(token)).await
}

/// Asserts that a token is refused as RFC 6750 §3.1 says, for a reason with these words.
#[track_caller]
fn assert_refused(what: &str, answer: &Answer, reason: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"invalid_token\""),
        "{what}: {challenge}"
    );
    let detail = answer.json["detail"].as_str().unwrap();
    assert!(detail.contains(reason), "{what}: {detail}");
}

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "at+jwt" })
}

const MALFORMED: &str = "not a well-formed JWT";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_built_by_hand_is_good() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    assert_eq!(
        list_with(&app, &signer.token(header(), &claims))
            .await
            .status,
        200
    );
    for typ in ["AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let token = signer.token(with(&header(), "typ", json!(typ)), &claims);
        assert_eq!(list_with(&app, &token).await.status, 200, "{typ}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_tokens_are_refused() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        for signature in ["", "AA"] {
            let header = json!({ "alg": alg, "typ": "at+jwt", "kid": signer.kid });
            let token = format!(
                "{}.{}.{signature}",
                b64(header.to_string()),
                b64(claims.to_string())
            );
            assert_refused(
                alg,
                &list_with(&app, &token).await,
                "algorithm is not allowed",
            );
        }
    }
    let token = signer.token(header(), &claims);
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_refused(
        "stripped",
        &list_with(&app, &format!("{message}.")).await,
        "no signature",
    );
    assert_refused("two parts", &list_with(&app, message).await, MALFORMED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_is_no_hmac_secret() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let jwk = signer.jwk();
    let secrets = [
        signer.public_bytes(),
        jwk.to_string().into_bytes(),
        jwk["x"].as_str().unwrap().as_bytes().to_vec(),
        Vec::new(),
    ];
    for secret in secrets {
        let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": signer.kid });
        let token = hmac_token(&secret, &header, &claims);
        assert_refused(
            "HS256",
            &list_with(&app, &token).await,
            "algorithm is not allowed",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_algorithm_is_the_keys_own() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    for alg in [
        "ES384", "RS256", "PS256", "EdDSA", "ES512", "es256", "HS512",
    ] {
        let token = signer.token(with(&header(), "alg", json!(alg)), &claims);
        assert_refused(
            alg,
            &list_with(&app, &token).await,
            "algorithm is not allowed",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_that_prove_nothing_are_refused() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let good = signer.token(header(), &claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let wrong = "signature is wrong";
    // CVE-2022-21449: r and s of zero.
    for signature in [
        vec![0; 64],
        vec![0xff; 64],
        vec![0; 63],
        vec![0; 65],
        vec![1],
    ] {
        let token = format!("{message}.{}", b64(&signature));
        assert_refused("made up", &list_with(&app, &token).await, wrong);
    }
    // ASN.1's form of the right signature (RFC 7518 §3.4 wants r and s and nothing else).
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(signature)
        .unwrap();
    let (r, s) = raw.split_at(32);
    let integer = |number: &[u8]| [&[0x02, 33, 0][..], number].concat();
    let der = [&[0x30, 70][..], &integer(r), &integer(s)].concat();
    let token = format!("{message}.{}", b64(der));
    assert_refused("DER", &list_with(&app, &token).await, wrong);
    // Of another key, which says that it is the known one.
    let other = Signer::new("ES256").called(&signer.kid);
    assert_refused(
        "other",
        &list_with(&app, &other.token(header(), &claims)).await,
        wrong,
    );
    // Of another message.
    let elsewhere = signer.token(header(), &with(&claims, "tenant", json!("acme")));
    let mixed = format!("{message}.{}", elsewhere.rsplit_once('.').unwrap().1);
    assert_refused("mixed", &list_with(&app, &mixed).await, wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_one_form() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let good = signer.token(header(), &claims);
    let parts: Vec<&str> = good.split('.').collect();
    // The last character of 64 bytes in base64url has four bits that mean nothing.
    let mut chars: Vec<char> = good.chars().collect();
    let last = chars.last_mut().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(*last).unwrap();
    *last = alphabet.chars().nth(at + 1).unwrap();
    let other_bits: String = chars.into_iter().collect();
    let forms = [
        format!("{good}="),
        format!("{good}=="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{}.{}", parts[1], parts[2]),
        format!("{}..{}", parts[0], parts[2]),
        format!(".{}.{}", parts[1], parts[2]),
        format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
        format!("{} .{}.{}", parts[0], parts[1], parts[2]),
        good.replace('-', "+").replace('_', "/") + "+",
        other_bits,
        "..".into(),
        ".".into(),
        "a".into(),
    ];
    for form in forms {
        assert_refused(&form, &list_with(&app, &form).await, MALFORMED);
    }
    assert_eq!(list_with(&app, &good).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_two_readers_could_read_in_two_ways_is_refused() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let header = with(&header(), "kid", json!(signer.kid)).to_string();
    let twice = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(deep.len() > 8192);
    let nested = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    let claims_text = claims.to_string();
    let bad = [
        (twice(&header, r#""alg":"ES256""#), claims_text.clone()),
        (header.clone(), twice(&claims_text, r#""tenant":"acme""#)),
        (
            header.clone(),
            twice(&claims_text, &format!(r#""x":{nested}"#)),
        ),
        (
            twice(&header, &format!(r#""x":{nested}"#)),
            claims_text.clone(),
        ),
        (header.clone(), format!("{claims_text} x")),
        (header.clone(), "[]".into()),
        (header.clone(), "null".into()),
        ("\"ES256\"".into(), claims_text.clone()),
        (format!("\u{feff}{header}"), claims_text.clone()),
    ];
    for (header, claims) in bad {
        let token = signer.sign("ES256", &header, &claims);
        assert_refused(&header, &list_with(&app, &token).await, MALFORMED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn extensions_and_nested_tokens_are_refused() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let extensions = [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("cty", json!("JWT")),
    ];
    for (name, value) in extensions {
        let token = signer.token(with(&header(), name, value), &claims);
        assert_refused(name, &list_with(&app, &token).await, "extension");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_token_is_not_looked_at() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let mine = Signer::new("ES256");
    let places = [
        ("jwk", mine.jwk()),
        ("jku", json!("http://127.0.0.1:1/keys")),
        ("x5u", json!("http://127.0.0.1:1/chain")),
        ("x5c", json!([b64("certificate")])),
    ];
    for (name, value) in places {
        let brought = with(&header(), name, value);
        // Under a key id of its own, under none, and under that of the server's key.
        let unknown = mine.token(brought.clone(), &claims);
        assert_refused(name, &list_with(&app, &unknown).await, "unknown key");
        let none = mine.sign("ES256", &brought.to_string(), &claims.to_string());
        assert_refused(name, &list_with(&app, &none).await, "names no key");
        let stolen = mine.token(with(&brought, "kid", json!(signer.kid)), &claims);
        assert_refused(name, &list_with(&app, &stolen).await, "signature is wrong");
        // It harms nobody who signs with the right key.
        assert_eq!(
            list_with(&app, &signer.token(brought, &claims))
                .await
                .status,
            200
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_key_ids_find_no_key() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let ids = [
        "../../../../dev/null".to_owned(),
        "' OR '1'='1".to_owned(),
        "a\0b".to_owned(),
        String::new(),
        "k".repeat(4000),
        "http://127.0.0.1/".to_owned(),
    ];
    for kid in ids {
        let token = signer.token(with(&header(), "kid", json!(kid)), &claims);
        assert_refused(&kid, &list_with(&app, &token).await, "unknown key");
    }
    for kid in [json!(7), json!(["a"]), json!({}), json!(true)] {
        let token = signer.token(with(&header(), "kid", kid.clone()), &claims);
        assert_refused(&kid.to_string(), &list_with(&app, &token).await, MALFORMED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_of_tokens_are_refused() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    for typ in [
        json!("JWT"),
        Value::Null,
        json!("id_token"),
        json!("refresh"),
        json!("at+jwt2"),
        json!(""),
    ] {
        let token = signer.token(with(&header(), "typ", typ.clone()), &claims);
        assert_refused(
            &typ.to_string(),
            &list_with(&app, &token).await,
            "not an access token",
        );
    }
    let token = signer.token(with(&header(), "typ", json!(7)), &claims);
    assert_refused("7", &list_with(&app, &token).await, MALFORMED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_is_compared_letter_by_letter() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let others = [
        json!(format!("{}/", app.url)),
        json!(app.url.to_uppercase()),
        json!(app.url.replace("http:", "https:")),
        json!("http://127.0.0.1"),
        json!([app.url]),
        json!(7),
        Value::Null,
    ];
    for iss in others {
        let token = signer.token(header(), &with(&claims, "iss", iss.clone()));
        assert_refused(
            &iss.to_string(),
            &list_with(&app, &token).await,
            "another issuer",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audience_must_be_this_server() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let others = [
        json!("https://elsewhere.example"),
        json!(format!("{}/agents", app.url)),
        json!(&app.url[..app.url.len() - 1]),
        json!(["https://elsewhere.example"]),
        json!([]),
        json!(7),
        Value::Null,
    ];
    for aud in others {
        let token = signer.token(header(), &with(&claims, "aud", aud.clone()));
        assert_eq!(list_with(&app, &token).await.status, 401, "{aud}");
    }
    let among = with(
        &claims,
        "aud",
        json!(["https://elsewhere.example", app.url]),
    );
    assert_eq!(
        list_with(&app, &signer.token(header(), &among))
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_checked_with_a_minute_of_leeway() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let now = Timestamp::now().unix_seconds();
    let status = async |name: &str, value: Value| {
        let token = signer.token(header(), &with(&claims, name, value));
        list_with(&app, &token).await.status
    };
    let refused = [
        ("exp", json!(now - 3600)),
        ("exp", json!(now - 62)),
        ("exp", Value::Null),
        ("exp", json!((now + 600).to_string())),
        ("exp", json!(-1)),
        ("exp", json!(1e20)),
        ("exp", json!(1e300)),
        ("exp", json!(true)),
        ("exp", json!([now + 600])),
        // A day and no more, whoever signs.
        ("exp", json!(now + 24 * 3600 + 120)),
        ("nbf", json!(now + 300)),
        ("nbf", json!("now")),
        ("iat", json!(now + 3600)),
        ("iat", json!("now")),
        ("iat", Value::Null),
    ];
    for (name, value) in refused {
        assert_eq!(status(name, value.clone()).await, 401, "{name} {value}");
    }
    let taken = [
        ("exp", json!(now)),
        ("exp", json!(now - 30)),
        ("exp", json!(now as f64 + 600.5)),
        ("exp", json!(now + 24 * 3600)),
        ("nbf", json!(now + 30)),
        ("nbf", json!(now - 30)),
        ("iat", json!(now + 30)),
    ];
    for (name, value) in taken {
        assert_eq!(status(name, value.clone()).await, 200, "{name} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_claim_of_rfc_9068_is_needed() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    for name in [
        "iss",
        "exp",
        "aud",
        "sub",
        "client_id",
        "iat",
        "jti",
        "scope",
        "tenant",
    ] {
        for value in [Value::Null, json!({}), json!("")] {
            if name == "scope" && value == "" {
                continue; // A token without scopes is good for nothing, but it is a token.
            }
            let token = signer.token(header(), &with(&claims, name, value.clone()));
            assert_eq!(list_with(&app, &token).await.status, 401, "{name} {value}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_is_a_name_of_1_to_128_characters() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let others = [
        json!("t".repeat(129)),
        json!(["a"]),
        json!(7),
        json!("a\0b"),
    ];
    for tenant in others {
        let token = signer.token(header(), &with(&claims, "tenant", tenant.clone()));
        assert_refused(
            &tenant.to_string(),
            &list_with(&app, &token).await,
            "tenant",
        );
    }
    for tenant in [
        "t".repeat(128),
        "ü".repeat(128),
        "'; DROP TABLE tenants; --".into(),
    ] {
        let token = signer.token(header(), &with(&claims, "tenant", json!(tenant)));
        let answer = list_with(&app, &token).await;
        assert_eq!(
            (answer.status, &answer.json["items"]),
            (200, &json!([])),
            "{tenant}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_are_whole_words_of_one_text() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    let status = async |scope: Value| {
        let token = signer.token(header(), &with(&claims, "scope", scope));
        list_with(&app, &token).await.status
    };
    for scope in [
        "",
        "agents:readX",
        "Xagents:read",
        "agents",
        "AGENTS:READ",
        "agents:read,logs:read",
        "agents:*",
        "*",
        "agents:write",
        "admin",
    ] {
        assert_eq!(status(json!(scope)).await, 403, "{scope}");
    }
    for scope in [
        "agents:read",
        "agents:read agents:read",
        " openid  agents:read ",
        "a agents:read b",
    ] {
        assert_eq!(status(json!(scope)).await, 200, "{scope}");
    }
    // RFC 8693 §4.2: it is a text with spaces.
    assert_eq!(status(json!(["agents:read"])).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_more_than_8_kib_is_refused_unread() {
    let app = TestApp::start().await;
    let signer = own_key(&app).await;
    let claims = own_claims(&app);
    for (filler, status) in [(5_000, 200), (8_192, 401), (30_000, 401)] {
        let token = signer.token(
            header(),
            &with(&claims, "filler", json!("x".repeat(filler))),
        );
        assert_eq!(list_with(&app, &token).await.status, status, "{filler}");
    }
    // Beyond what a request's head may have there is no request.
    let huge = app
        .anonymous(Method::GET, "/agents")
        .bearer_auth("a".repeat(100_000));
    let answer = huge.send().await.unwrap();
    assert_eq!(answer.status(), 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_taken_from_the_authorization_header_only() {
    let app = TestApp::start().await;
    let token = app.token(&[Scope::AgentsRead, Scope::AgentsWrite], "default");
    // RFC 9700 §4.3.2: a URL ends up in logs.
    let in_query = app.anonymous(Method::GET, &format!("/agents?access_token={token}"));
    assert!([401, 422].contains(&app.send(in_query).await.status));
    let in_form = app
        .anonymous(Method::POST, "/agents")
        .form(&[("access_token", token.as_str()), ("name", "a")]);
    assert_eq!(app.send(in_form).await.status, 401);
    let in_cookie = app
        .anonymous(Method::GET, "/agents")
        .header("cookie", format!("access_token={token}"));
    assert_eq!(app.send(in_cookie).await.status, 401);
    let odd = [
        format!("Bearer  {token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer\t{token}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
    ];
    for value in odd {
        let request = app
            .anonymous(Method::GET, "/agents")
            .header("authorization", &value);
        let status = app.send(request).await.status;
        assert!(
            status == 401 || value.starts_with("Bearer  "),
            "{value}: {status}"
        );
    }
    let not_ascii = reqwest::header::HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let request = app
        .anonymous(Method::GET, "/agents")
        .header("authorization", not_ascii);
    assert_eq!(app.send(request).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_says_where_to_get_a_token() {
    let app = TestApp::start().await;
    let metadata = format!("{}/.well-known/oauth-protected-resource", app.url);
    let parameter = format!("resource_metadata=\"{metadata}\"");
    let none = app.send(app.anonymous(Method::GET, "/agents")).await;
    // RFC 6750 §3.1: without a token there is no error code.
    assert_eq!(
        none.header("www-authenticate"),
        format!("Bearer realm=\"agentdata\", {parameter}")
    );
    assert!(
        list_with(&app, "x")
            .await
            .header("www-authenticate")
            .ends_with(&parameter)
    );
    let weak = app.token(&[Scope::LogsRead], "default");
    let forbidden = list_with(&app, &weak).await;
    assert_eq!(
        forbidden.header("www-authenticate"),
        format!(
            "Bearer realm=\"agentdata\", error=\"insufficient_scope\", scope=\"agents:read\", {parameter}"
        )
    );
    // RFC 9728 §3.3: what the URL gives names the resource that the caller wants.
    let found = app
        .send(app.anonymous(Method::GET, "/.well-known/oauth-protected-resource"))
        .await;
    assert_eq!(found.json["resource"], app.url.as_str());
    assert_eq!(found.json["authorization_servers"], json!([app.url]));
    assert_eq!(found.json["bearer_methods_supported"], json!(["header"]));
    assert_eq!(
        found.json["scopes_supported"].as_array().unwrap().len(),
        Scope::ALL.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_server_has_made_is_found() {
    let app = TestApp::start().await;
    let flood = Signer::new("ES256");
    // An unknown key makes the server look, once.
    for _ in 0..20 {
        let token = flood.token(header(), &own_claims(&app));
        assert_refused("flood", &list_with(&app, &token).await, "unknown key");
    }
    let other = TestApp::on_database(app.database_url.clone(), &[]).await;
    let signer = own_key(&other).await;
    let claims = with(&own_claims(&app), "jti", json!(Id::new()));
    app.app
        .authenticator
        .tokens()
        .keys()
        .load(&app.app.db)
        .await
        .unwrap();
    assert_eq!(
        list_with(&app, &signer.token(header(), &claims))
            .await
            .status,
        200
    );
}
