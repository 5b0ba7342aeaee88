//! What a sign without room for everything leaves out, and in which order.

/// What may be missing from the glass of a small panel, in the order in which it is left out.
///
/// The first four the law asks for in the second layer only (GDPR Art. 13; EDPB 3/2019 para 114). The others belong to the first: where one
/// of them is left out, a printed frame beside the panel has to say it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Piece {
    /// That one may complain to an authority.
    Complaint,
    /// Postal address of the controller.
    Address,
    /// That nobody receives the data.
    Recipients,
    /// Article of the legal basis.
    Article,
    /// Which rights there are besides objecting.
    Rights,
    /// Contact of the data protection officer.
    Officer,
    /// What the shop's interest is.
    Interest,
    /// How long data are kept.
    Kept,
    /// Why.
    Purpose,
    /// How sensors measure, and what they do not do.
    What,
    /// The question before the right to object.
    Question,
    /// What the state means, in a sentence.
    Explanation,
    /// Where to find the full notice, in words beside the code.
    More,
    /// How to reach the controller.
    Contact,
    /// Who the controller is.
    Controller,
    /// Which zone the sign speaks for.
    Place,
}

/// Pieces that a panel has no room for, in the order in which they were left out.
pub type LeftOut = Vec<Piece>;

impl Piece {
    /// Every piece in the order in which it is left out.
    pub const ORDER: [Self; 16] = [
        Self::Complaint,
        Self::Address,
        Self::Recipients,
        Self::Article,
        Self::Rights,
        Self::Officer,
        Self::Interest,
        Self::Kept,
        Self::Purpose,
        Self::What,
        Self::Question,
        Self::Explanation,
        Self::More,
        Self::Contact,
        Self::Controller,
        Self::Place,
    ];

    /// Whether it is part of the first layer, which has to be read before entering.
    #[must_use]
    pub fn is_first_layer(self) -> bool {
        self >= Self::Rights
    }

    /// What it is, in words that a technician understands.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Complaint => "the right to complain",
            Self::Address => "the controller's address",
            Self::Recipients => "who receives the data",
            Self::Article => "the article of the legal basis",
            Self::Rights => "the other rights",
            Self::Officer => "the data protection officer",
            Self::Interest => "the legitimate interest",
            Self::Kept => "how long data are kept",
            Self::Purpose => "the purpose",
            Self::What => "what the sensors do",
            Self::Question => "the question before the right to object",
            Self::Explanation => "what the state means",
            Self::More => "where the full notice is",
            Self::Contact => "the controller's contact",
            Self::Controller => "the controller",
            Self::Place => "the zone",
        }
    }
}
