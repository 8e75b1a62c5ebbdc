//! The OpenAPI document is true: what it lists is there, what is there it lists, and it is the same in every build.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestServer;
use crate::support::program::{DOCUMENT, ask_with};

async fn document(server: &TestServer) -> Value {
    ask_with(&server.browser(), "GET", DOCUMENT, &[])
        .await
        .json()
}

/// `GET /api/v1/me` and so on.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap();
        methods.iter().map(move |(method, operation)| {
            (method.to_uppercase(), path.clone(), operation.clone())
        })
    });
    all.collect()
}

#[tokio::test]
async fn it_is_openapi_3_1_and_may_be_cached() {
    let server = TestServer::start().await;

    let answer = ask_with(&server.browser(), "GET", DOCUMENT, &[]).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    assert!(
        answer.json()["openapi"]
            .as_str()
            .unwrap()
            .starts_with("3.1.")
    );
}

#[tokio::test]
async fn it_lists_every_route_and_none_else() {
    let server = TestServer::start().await;
    let document = document(&server).await;

    let listed: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();

    let expected = BTreeSet::from(
        [
            "DELETE /api/v1/sign-ins",
            "DELETE /api/v1/sign-ins/{id}",
            "DELETE /api/v1/token",
            "GET /api/v1/events",
            "GET /api/v1/me",
            "GET /api/v1/openapi.json",
            "GET /api/v1/sign-ins",
            "POST /api/v1/token",
            "POST /api/v1/token/refresh",
        ]
        .map(str::to_owned),
    );
    assert_eq!(listed, expected);
    for path in document["paths"].as_object().unwrap().keys() {
        // The router's own list of the methods of a path.
        let answer = ask_with(&server.browser(), "PUT", &path.replace("{id}", "x"), &[]).await;
        assert_eq!(answer.status, 405, "{path}");
        let mounted: BTreeSet<_> = answer
            .header("allow")
            .split(',')
            .filter(|method| *method != "HEAD")
            .map(|method| format!("{method} {path}"))
            .collect();
        let listed: BTreeSet<_> = expected
            .iter()
            .filter(|operation| operation.ends_with(&format!(" {path}")))
            .cloned()
            .collect();
        assert_eq!(mounted, listed, "{path}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_and_says_what_can_go_wrong() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    let mut names = BTreeSet::new();

    for (method, path, operation) in operations(&document) {
        let what = format!("{method} {path}");
        assert!(
            names.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{what}"
        );
        for text in ["summary", "description"] {
            assert!(
                operation[text].as_str().is_some_and(|text| text.len() > 7),
                "{what}: {text}"
            );
        }
        let responses = operation["responses"].as_object().unwrap();
        let is_guarded = operation.get("security").is_some();
        assert_eq!(is_guarded, responses.contains_key("401"), "{what}");
        let may_be_overtaken = path.ends_with("/refresh");
        assert_eq!(
            may_be_overtaken,
            responses.contains_key("409"),
            "RT-04, {what}"
        );
        let may_be_foreign = method != "GET" || is_guarded;
        assert_eq!(may_be_foreign, responses.contains_key("403"), "{what}");
        for (status, response) in responses
            .iter()
            .filter(|(status, _)| !status.starts_with('2'))
        {
            let content = &response["content"]["application/problem+json"];
            assert_eq!(
                content["schema"]["$ref"], "#/components/schemas/Problem",
                "{what} {status}"
            );
            for example in content["examples"].as_object().unwrap().values() {
                let pointer = example["$ref"].as_str().unwrap().trim_start_matches('#');
                let problem = &document.pointer(pointer).unwrap()["value"];
                assert_eq!(problem["status"].to_string(), *status, "{what}");
                let type_ = problem["type"].as_str().unwrap();
                assert_eq!(
                    type_,
                    format!("{DOCUMENT}#{pointer}"),
                    "the type of a problem leads here"
                );
            }
        }
    }
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}
