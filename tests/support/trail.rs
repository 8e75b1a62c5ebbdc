//! What the audit trail says, in the order it was written.

use super::{Answer, TestServer};

/// Event, reason, factor and whose it is.
pub async fn trail(server: &TestServer) -> Vec<String> {
    server
        .select(
            "SELECT a.event || ' ' || COALESCE(a.reason, '-') || ' ' || a.factor || ' ' || COALESCE(u.email, 'nobody') \
             FROM audit_events a LEFT JOIN users u ON u.id = a.user_id ORDER BY a.position",
        )
        .await
}

/// The same of what one request brought about.
pub async fn noted_by(server: &TestServer, answer: &Answer) -> Vec<String> {
    let all = server
        .select(
            "SELECT a.request_id || ' ' || a.event || ' ' || COALESCE(a.reason, '-') || ' ' || a.factor || ' ' \
             || COALESCE(u.email, 'nobody') FROM audit_events a LEFT JOIN users u ON u.id = a.user_id ORDER BY a.position",
        )
        .await;
    let id = answer.header("x-request-id");
    let own = all
        .iter()
        .filter_map(|row| row.strip_prefix(id)?.strip_prefix(' '));
    own.map(str::to_owned).collect()
}
