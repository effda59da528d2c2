"""Labels in English and French from lists of words, distinct by their number."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

_HEADS: Final = (
    ("Licences", "Licences"),
    ("Fees", "Redevances"),
    ("Registers", "Registres"),
    ("Model clauses", "Clauses types"),
    ("Exceptions", "Exceptions"),
    ("Safeguards", "Garanties"),
    ("Collective management", "Gestion collective"),
    ("Audit methods", "Méthodes d’audit"),
    ("Proofs of origin", "Preuves d’origine"),
    ("Opt-out signals", "Signaux de retrait"),
    ("Shared vocabularies", "Vocabulaires communs"),
    ("Search tools", "Outils de recherche"),
    ("Transparency duties", "Obligations de transparence"),
    ("Terms of protection", "Durées de protection"),
    ("Remedies", "Voies de recours"),
    ("Mediation", "Médiation"),
    ("Impact studies", "Études d’impact"),
    ("Training courses", "Formations"),
    ("Common standards", "Normes communes"),
    ("Pilot projects", "Projets pilotes"),
    ("Attribution rules", "Règles d’attribution"),
    ("Remuneration", "Rémunération"),
    ("Watermarks", "Filigranes"),
    ("Archives", "Archives"),
    ("Deposit systems", "Systèmes de dépôt"),
    ("Risk scales", "Échelles de risque"),
    ("Codes of conduct", "Codes de conduite"),
    ("Contracts", "Contrats"),
    ("Statistics", "Statistiques"),
    ("Access policies", "Politiques d’accès"),
    ("Examination practice", "Pratique d’examen"),
    ("Cross-border claims", "Actions transfrontières"),
    ("Authorship tests", "Critères de qualité d’auteur"),
    ("Disclosure rules", "Règles de divulgation"),
    ("Support funds", "Fonds de soutien"),
    ("Digital identities", "Identités numériques"),
    ("Quality labels", "Labels de qualité"),
    ("Test beds", "Bancs d’essai"),
    ("Identifiers", "Identifiants"),
    ("Open questions", "Questions ouvertes"),
)
_SUBJECTS: Final = (
    ("databases", "les bases de données"),
    ("translations", "les traductions"),
    ("sound recordings", "les enregistrements sonores"),
    ("photographs", "les photographies"),
    ("video games", "les jeux vidéo"),
    ("news articles", "les articles de presse"),
    ("textbooks", "les manuels scolaires"),
    ("radio programmes", "les programmes de radio"),
    ("industrial designs", "les dessins et modèles"),
    ("trademarks", "les marques"),
    ("geographical indications", "les indications géographiques"),
    ("plant varieties", "les obtentions végétales"),
    ("traditional knowledge", "les savoirs traditionnels"),
    ("folk songs", "les chants populaires"),
    ("museum collections", "les collections de musée"),
    ("satellite images", "les images satellite"),
    ("medical images", "les images médicales"),
    ("genetic data", "les données génétiques"),
    ("weather data", "les données météorologiques"),
    ("language models", "les modèles de langue"),
    ("chatbots", "les agents conversationnels"),
    ("voice clones", "les voix clonées"),
    ("virtual worlds", "les mondes virtuels"),
    ("digital twins", "les jumeaux numériques"),
    ("smart contracts", "les contrats intelligents"),
    ("connected objects", "les objets connectés"),
    ("robots", "les robots"),
    ("three-dimensional prints", "les impressions en trois dimensions"),
    ("software libraries", "les bibliothèques logicielles"),
    ("interfaces", "les interfaces"),
    ("patents", "les brevets"),
    ("trade secrets", "les secrets d’affaires"),
    ("orphan works", "les œuvres orphelines"),
    ("performers", "les artistes interprètes"),
    ("illustrators", "les illustrateurs"),
    ("publishers", "les éditeurs"),
    ("libraries", "les bibliothèques"),
    ("research teams", "les équipes de recherche"),
    ("small enterprises", "les petites entreprises"),
    ("customs offices", "les bureaux de douane"),
    ("courts", "les tribunaux"),
    ("online markets", "les marchés en ligne"),
    ("streaming services", "les services d’écoute en continu"),
    ("festivals", "les festivals"),
    ("architects", "les architectes"),
    ("fashion houses", "les maisons de mode"),
    ("toy makers", "les fabricants de jouets"),
    ("seed banks", "les banques de semences"),
)
_PLACES: Final = (
    ("", ""),
    (" in schools", " à l’école"),
    (" in trade", " dans le commerce"),
    (" at work", " au travail"),
    (" in hospitals", " à l’hôpital"),
    (" in rural areas", " en milieu rural"),
    (" in the cloud", " dans le nuage"),
    (" on islands", " dans les îles"),
    (" in public services", " dans les services publics"),
    (" in early stages", " aux premiers stades"),
    (" across borders", " au-delà des frontières"),
    (" over time", " au fil du temps"),
)
CAPACITY: Final = len(_HEADS) * len(_SUBJECTS) * len(_PLACES)
"""How many labels there are; a scheme with more concepts cannot be worded."""
_STRIDE: Final = 7919
"""A prime that does not divide CAPACITY: neighbours in a scheme get unlike labels."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    en: str
    fr: str

    def lowered(self) -> Text:
        """Return the text as it stands within a sentence."""
        return Text(self.en[0].lower() + self.en[1:], self.fr[0].lower() + self.fr[1:])


@dataclass(frozen=True, slots=True)
class Label:
    """A preferred label and the same words turned round, for an index."""

    preferred: Text
    inverted: Text

    @property
    def slug(self) -> str:
        """The English label as the last part of an IRI."""
        return re.sub(r"[^a-z0-9]+", "-", self.preferred.en.lower())


def label(number: int) -> Label:
    """Return the label of that number; two numbers below CAPACITY give two labels."""
    assert math.gcd(_STRIDE, CAPACITY) == 1
    rest, place = divmod(number * _STRIDE % CAPACITY, len(_PLACES))
    head, subject = divmod(rest, len(_SUBJECTS))
    (head_en, head_fr), (subject_en, subject_fr) = _HEADS[head], _SUBJECTS[subject]
    place_en, place_fr = _PLACES[place]
    return Label(
        Text(f"{head_en} for {subject_en}{place_en}", f"{head_fr} pour {subject_fr}{place_fr}"),
        Text(
            f"{subject_en.capitalize()}{place_en}: {head_en.lower()}",
            f"{subject_fr.capitalize()}{place_fr} : {head_fr.lower()}",
        ),
    )
