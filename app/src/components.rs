//! Views that several pages share.

pub mod fields;
pub mod form;
pub mod layout;
pub mod page_life;
pub mod refusal;
pub mod sign_out;
pub mod signed_in;
pub mod submit;
pub mod until_done;
