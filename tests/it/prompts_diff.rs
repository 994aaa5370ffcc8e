//! What one version of a prompt has and another has not.

use serde_json::{Value, json};

use crate::{
    prompts::{create, prompts, text},
    support::TestApp,
};

/// The lines of all hunks as a unified diff writes them.
fn lines(diff: &Value) -> Vec<String> {
    let hunks = diff["hunks"].as_array().unwrap().iter();
    let lines = hunks.flat_map(|hunk| hunk["lines"].as_array().unwrap());
    lines
        .map(|line| {
            let sign = match line["tag"].as_str().unwrap() {
                "equal" => ' ',
                "delete" => '-',
                _ => '+',
            };
            format!("{sign}{}", line["text"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_compared_in_text_config_and_variables() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let old = json!({
        "type": "text", "template": "Hello {{ name }}.\nYou know {{ product }}.",
        "config": { "model": "a", "stop": ["x"], "deep": { "k": 1, "gone": null } },
    });
    let new = json!({
        "type": "text", "template": "Hello {{ name }}!\nYou know {{ product }}.\n{{ mood }}",
        "config": { "deep": { "k": 2 }, "stop": ["x", "y"], "a/b~c": {}, "model": "a" },
    });
    for body in [old, new] {
        create(&app, &path, &body).await;
    }
    let answer = app.get(&format!("{path}/2/diff?against=1")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let diff = answer.json;
    assert_eq!((&diff["version"], &diff["against"]), (&json!(2), &json!(1)));
    assert_eq!(diff["identical"], false);
    let unified = "\
--- version 1
+++ version 2
@@ -1,17 +1,20 @@
 # text
-Hello {{ name }}.
+Hello {{ name }}!
 You know {{ product }}.
+{{ mood }}
 # config
 {
+  \"a/b~c\": {},
   \"deep\": {
-    \"gone\": null,
-    \"k\": 1
+    \"k\": 2
   },
   \"model\": \"a\",
   \"stop\": [
-    \"x\"
+    \"x\",
+    \"y\"
   ]
 }
 # variables
+mood
 name
 product
";
    assert_eq!(diff["unified"], unified);
    let body: Vec<_> = unified.lines().skip(3).map(str::to_owned).collect();
    assert_eq!(lines(&diff), body);
    let hunk = &diff["hunks"][0];
    assert_eq!(
        ["old_start", "old_lines", "new_start", "new_lines"]
            .map(|field| hunk[field].as_i64().unwrap()),
        [1, 17, 1, 20]
    );
    let change = |pointer: &str, change: &str, old: Value, new: Value| json!({ "pointer": pointer, "change": change, "old": old, "new": new });
    assert_eq!(
        diff["config"],
        json!([
            change("/a~1b~0c", "added", Value::Null, json!({})),
            change("/deep/gone", "removed", Value::Null, Value::Null),
            change("/deep/k", "changed", json!(1), json!(2)),
            change("/stop", "changed", json!(["x"]), json!(["x", "y"])),
        ])
    );
    assert_eq!(
        (&diff["variables_added"], &diff["variables_removed"]),
        (&json!(["mood"]), &json!([]))
    );

    // The other way round, and by default against the one before.
    let back = app.get(&format!("{path}/1/diff?against=2")).await.json;
    assert_eq!(back["variables_removed"], json!(["mood"]));
    assert_eq!(back["config"][0]["change"], "removed");
    assert_eq!(app.get(&format!("{path}/2/diff")).await.json, diff);
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_compared_message_by_message() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let mut messages = vec![
        json!({ "role": "system", "content": "a" }),
        json!({ "role": "user", "content": "b" }),
    ];
    create(
        &app,
        &path,
        &json!({ "type": "chat", "messages": messages }),
    )
    .await;
    messages.insert(1, json!({ "placeholder": "history" }));
    messages[2] = json!({ "role": "developer", "content": "b" });
    create(
        &app,
        &path,
        &json!({ "type": "chat", "messages": messages }),
    )
    .await;
    let diff = app.get(&format!("{path}/2/diff")).await.json;
    let expected = [
        " # chat",
        " # message: system",
        " a",
        "-# message: user",
        "+# placeholder: history",
        "+# message: developer",
        " b",
        " # config",
        " {}",
        " # variables",
        "+history",
    ];
    assert_eq!(lines(&diff), expected);
    // Another type is another text.
    create(&app, &path, &text("b")).await;
    let diff = app.get(&format!("{path}/3/diff")).await.json;
    assert_eq!(diff["variables_removed"], json!(["history"]));
    assert!(diff["unified"].as_str().unwrap().contains("-# chat"));
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_versions_have_no_difference_and_the_first_is_all_new() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    for _ in 0..2 {
        create(&app, &path, &text("{{ a }}")).await;
    }
    for against in ["", "?against=1", "?against=2"] {
        let diff = app.get(&format!("{path}/2/diff{against}")).await.json;
        let none = json!([]);
        assert_eq!(
            (
                &diff["identical"],
                &diff["unified"],
                &diff["hunks"],
                &diff["config"]
            ),
            (&json!(true), &json!(""), &none, &none)
        );
    }
    let first = app.get(&format!("{path}/1/diff")).await.json;
    assert_eq!(
        (&first["against"], &first["identical"]),
        (&Value::Null, &json!(false))
    );
    assert!(
        first["unified"]
            .as_str()
            .unwrap()
            .starts_with("--- nothing\n+++ version 1\n@@ -0,0 +1,")
    );
    assert_eq!(
        (
            &first["hunks"][0]["old_start"],
            &first["hunks"][0]["old_lines"]
        ),
        (&json!(0), &json!(0))
    );
    assert_eq!(first["variables_added"], json!(["a"]));
    for (query, status, place) in [
        ("2/diff?against=3", 422, "against"),
        ("2/diff?against=0", 422, "against"),
        ("2/diff?against=2147483648", 422, "against"),
        ("0/diff", 422, "version"),
    ] {
        let refused = app.get(&format!("{path}/{query}")).await;
        assert_eq!(
            (refused.status, refused.places()),
            (status, vec![place]),
            "{query}"
        );
    }
    assert_eq!(
        app.get(&format!("{path}/3/diff?against=1")).await.status,
        404
    );
    let other = prompts(&app).await;
    assert_eq!(
        app.get(&format!("{other}/1/diff?against=1")).await.status,
        404
    );
}
