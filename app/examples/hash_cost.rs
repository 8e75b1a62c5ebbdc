//! What one password hash costs in the product's own code, in milliseconds: `bin/hash-cost` sets it against the fastest
//! binding of another platform, measured in the same run.

use std::time::Instant;

use app::domain::password::NewPassword;
use app::server::password_hash::PasswordHasher;

const ROUNDS: u32 = 40;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hasher = PasswordHasher::default();
    let password = NewPassword::parse("correct horse battery staple".to_owned(), 12)?;
    hasher.hash(&password).await?;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        hasher.hash(&password).await?;
    }
    println!(
        "{:.2}",
        start.elapsed().as_secs_f64() * 1000.0 / f64::from(ROUNDS)
    );
    Ok(())
}
