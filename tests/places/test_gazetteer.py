"""Place names as people write them, and what they must and must not mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.places import Gazetteer, Method, PlaceKind

SPELLINGS = [
    # municipalities, in any case, with and without what belongs to the spelling
    ("Gent", "Gent"),
    ("gent", "Gent"),
    ("GENT", "Gent"),
    (" Gent. ", "Gent"),
    ("Sint-Niklaas", "Sint-Niklaas"),
    ("St-Niklaas", "Sint-Niklaas"),
    ("St. Niklaas", "Sint-Niklaas"),
    ("Sint Niklaas", "Sint-Niklaas"),
    ("st niklaas", "Sint-Niklaas"),
    ("stniklaas", "Sint-Niklaas"),
    ("sintniklaas", "Sint-Niklaas"),
    ("Heist-op-den-Berg", "Heist-op-den-Berg"),
    ("heist o/d berg", "Heist-op-den-Berg"),
    ("heist op den berg", "Heist-op-den-Berg"),
    ("De Haan", "De Haan"),
    ("de panne", "De Panne"),
    ("Knokke Heist", "Knokke-Heist"),
    ("A'pen", "Antwerpen"),
    ("'t Stad", "Antwerpen"),
    ("Mol", "Mol"),
    ("mol", "Mol"),
    ("zele", "Zele"),
    # French and English names
    ("Gand", "Gent"),
    ("Anvers", "Antwerpen"),
    ("Courtrai", "Kortrijk"),
    ("Louvain", "Leuven"),
    ("Ypres", "Ieper"),
    ("Renaix", "Ronse"),
    ("Ghent", "Gent"),
    ("Bruges", "Brugge"),
    ("Schaerbeek", "Schaarbeek"),
    ("Uccle", "Ukkel"),
    ("Molenbeek", "Sint-Jans-Molenbeek"),
    ("Woluwe-Saint-Pierre", "Sint-Pieters-Woluwe"),
    # sub-municipalities and villages
    ("Heule", "Heule (Kortrijk)"),
    ("oostakker", "Oostakker (Gent)"),
    ("Sint-Amandsberg", "Sint-Amandsberg (Gent)"),
    ("St Amandsberg", "Sint-Amandsberg (Gent)"),
    ("OLV Waver", "Onze-Lieve-Vrouw-Waver (Sint-Katelijne-Waver)"),
    ("o.l.v.-waver", "Onze-Lieve-Vrouw-Waver (Sint-Katelijne-Waver)"),
    ("s Gravenwezel", "'s-Gravenwezel (Schilde)"),
    ("Laeken", "Laken (Brussel)"),
    ("Zeebrugge", "Zeebrugge (Brugge)"),
    ("Deurne", "Deurne (Antwerpen)"),
    # municipalities that merged in 2019 and 2025, by old and new name
    ("Borgloon", "Borgloon (Tongeren-Borgloon)"),
    ("Tongeren-Borgloon", "Tongeren-Borgloon"),
    ("Melle", "Melle (Merelbeke-Melle)"),
    ("Galmaarden", "Galmaarden (Pajottegem)"),
    ("Pajottegem", "Pajottegem"),
    ("Kruibeke", "Kruibeke (Beveren-Kruibeke-Zwijndrecht)"),
    ("Beveren-Waas", "Beveren (Beveren-Kruibeke-Zwijndrecht)"),
    ("Ham", "Ham (Tessenderlo-Ham)"),
    ("Wachtebeke", "Wachtebeke (Lochristi)"),
    ("Borsbeek", "Borsbeek (Antwerpen)"),
    ("Overpelt", "Overpelt (Pelt)"),
    ("Meeuwen-Gruitrode", "Meeuwen (Oudsbergen)"),
    # postcodes
    ("9000", "9000 Gent"),
    ("B-8000", "8000 Brugge"),
    ("9300 Aalst", "9300 Aalst"),
    ("Aalst 9300", "9300 Aalst"),
    ("8501 Heule", "Heule (Kortrijk)"),
    ("1040", "1040 Etterbeek"),
    ("1000 Brussel", "1000 Brussel"),
    # provinces, regions, areas
    ("Limburg", "Limburg"),
    ("Vlaams-Brabant", "Vlaams-Brabant"),
    ("vlaams brabant", "Vlaams-Brabant"),
    ("O-Vl", "Oost-Vlaanderen"),
    ("west vlaanderen", "West-Vlaanderen"),
    ("provincie Antwerpen", "provincie Antwerpen"),
    ("Antwerpen", "Antwerpen"),
    ("Vlaanderen", "Vlaanderen"),
    ("Brussel", "Brussel"),
    ("Bruxelles", "Brussel"),
    ("Brussel-stad", "Brussel (stad)"),
    ("Kempen", "Kempen"),
    ("het Waasland", "Waasland"),
    ("de Westhoek", "Westhoek"),
    ("Meetjesland", "Meetjesland"),
    ("Pajottenland", "Pajottenland"),
    ("Hageland", "Hageland"),
    ("de kust", "de kust"),
    ("aan zee", "de kust"),
    # namesakes, settled by size or by what stands beside them
    ("Aalst", "Aalst"),
    ("Halle", "Halle"),
    ("Halle Zoersel", "Halle (Zoersel)"),
    ("Hofstade bij Aalst", "Hofstade (Aalst)"),
    ("Hofstade (Zemst)", "Hofstade (Zemst)"),
    ("hofstade bij mechelen", "Hofstade (Zemst)"),
    ("Beveren Roeselare", "Beveren (Roeselare)"),
    ("Nieuwerkerken Aalst", "Nieuwerkerken (Aalst)"),
    ("Gent Sint-Amandsberg", "Sint-Amandsberg (Gent)"),
    ("Genk, Limburg", "Genk"),
    # in a few words
    ("Wetteren centrum", "Wetteren"),
    ("in de buurt van lokeren", "Lokeren"),
    ("ik woon in Boom", "Boom"),
    ("bij mij thuis in Zele", "Zele"),
    ("ergens in limburg", "Limburg"),
    ("ik zoek een cursus lassen in gent", "Gent"),
    # misspelt
    ("Gnet", "Gent"),
    ("Gendt", "Gent"),
    ("Antwerpn", "Antwerpen"),
    ("Cortrijk", "Kortrijk"),
    ("haselt", "Hasselt"),
    ("Roeselaere", "Roeselare"),
    ("zottegm", "Zottegem"),
    ("geraardsberge", "Geraardsbergen"),
    ("turnout", "Turnhout"),
    ("denderleuw", "Denderleeuw"),
    ("Wilrijck", "Wilrijk (Antwerpen)"),
    ("Oudenaerde", "Oudenaarde"),
    ("brugg", "Brugge"),
]


@pytest.mark.parametrize(("written", "label"), SPELLINGS)
def test_a_spelling_leads_to_one_place(gazetteer: Gazetteer, written: str, label: str) -> None:
    match = gazetteer.resolve(written)
    assert match.place is not None, [place.label for place in match.places]
    assert match.place.label == label


def test_the_table_is_long_enough() -> None:
    assert len(SPELLINGS) >= 80


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("Hofstade", {"Hofstade (Aalst)", "Hofstade (Zemst)"}),
        ("Nieuwerkerken", {"Nieuwerkerken (Limburg)", "Nieuwerkerken (Aalst)"}),
        ("Heusden", {"Heusden (Heusden-Zolder)", "Heusden (Destelbergen)"}),
        ("Moerbeke", {"Moerbeke (Lokeren)", "Moerbeke (Geraardsbergen)"}),
        ("Gent of Aalst", {"Gent", "Aalst"}),
        ("9300 Gent", {"9300 Aalst", "Gent"}),
    ],
)
def test_several_places_are_given_to_choose_from(gazetteer: Gazetteer, written: str, labels: set[str]) -> None:
    match = gazetteer.resolve(written)
    assert match.ambiguous
    assert match.place is None
    assert {place.label for place in match.places} == labels


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "?!",
        "🙂🙂",
        "9999",
        "0470 12 34 56",
        "Parijs",
        "Rotterdam",
        "geen idee",
        "maakt niet uit",
        "thuis",
        "online",
        "een boom planten",
        "dat is veel te ver",
        "is er iets op zaterdag of zondag",
        "ik ben as van de sigaret",
        *[
            "avond",
            "overdag",
            "weekend",
            "leren",
            "lezen",
            "lassen",
            "koken",
            "kosten",
            "haven",
            "hallo",
            "werk",
            "geld",
            "kerk",
            "later",
            "december",
        ],
        *[
            "boekhouden",
            "kinderen",
            "helpen",
            "schilderen",
            "anders",
            "excel",
            "gisteren",
            "school",
            "diploma",
            "morgen",
            "zaterdag",
            "Turks",
        ],
    ],
)
def test_what_is_no_place_leads_nowhere(gazetteer: Gazetteer, written: str) -> None:
    assert gazetteer.resolve(written).places == ()


def test_every_label_leads_back_to_its_place(gazetteer: Gazetteer) -> None:
    """A button shows the label and sends it back: it must mean the same place again."""
    lost = [place.label for place in gazetteer if gazetteer.resolve(place.label).place != place]
    assert lost == []


def test_a_misspelling_is_marked(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("Gent").method is Method.EXACT
    assert gazetteer.resolve("Gnet").method is Method.FUZZY
    assert gazetteer.resolve("Parijs").method is Method.NONE


def test_a_place_knows_where_it_lies(gazetteer: Gazetteer) -> None:
    heule = gazetteer.resolve("Heule").place
    assert heule is not None
    assert (heule.municipality, heule.municipality_id, heule.province, heule.region, heule.kind) == (
        "Kortrijk",
        "34022",
        "West-Vlaanderen",
        "Vlaanderen",
        PlaceKind.LOCALITY,
    )
    ukkel = gazetteer.resolve("Ukkel").place
    assert ukkel is not None
    assert (ukkel.province, ukkel.region) == ("", "Brussel")


def test_an_area_covers_its_municipalities(gazetteer: Gazetteer) -> None:
    gent, brugge = (gazetteer.resolve(name).place for name in ("Gent", "Brugge"))
    province, flanders, coast = (gazetteer.resolve(name).place for name in ("Oost-Vlaanderen", "Vlaanderen", "de kust"))
    assert gent and brugge and province and flanders and coast
    assert province.covers(gent.municipality_id)
    assert not province.covers(brugge.municipality_id)
    assert flanders.contains(province)
    assert coast.contains(brugge)
    assert len(flanders.members) == 285


def test_every_place_lies_in_flanders_or_brussels(gazetteer: Gazetteer) -> None:
    outside = [p.label for p in gazetteer if not (50.67 < p.latitude < 51.51 and 2.53 < p.longitude < 5.93)]
    assert outside == []


def test_every_municipality_has_a_postcode(gazetteer: Gazetteer) -> None:
    served = {place.municipality_id for place in gazetteer if place.kind is PlaceKind.POSTCODE}
    municipalities = {place.id for place in gazetteer if place.kind is PlaceKind.MUNICIPALITY}
    assert len(municipalities) == 304
    assert municipalities - served == set()


def test_names_give_what_people_write(gazetteer: Gazetteer) -> None:
    names = set(gazetteer.names())
    assert {"Gent", "Gand", "Heule", "Sint-Niklaas", "St-Niklaas", "Sint Niklaas", "de kust", "Limburg"} <= names
    assert "9000" in set(gazetteer.postcodes())
    unknown = [name for name in names if not gazetteer.resolve(name).places]
    assert unknown == []


@pytest.mark.parametrize(
    "word", ["mol", "As", "lot", "Balen", "lint", "boom", "zele", "lo", "heers", "halen", "peer", "ham", "Retie"]
)
def test_places_that_are_words_are_known_as_such(gazetteer: Gazetteer, word: str) -> None:
    assert gazetteer.is_ambiguous_word(word)
    assert not gazetteer.is_ambiguous_word("Gent")


@given(st.text(max_size=400))
def test_any_text_is_answered(gazetteer: Gazetteer, text: str) -> None:
    match = gazetteer.resolve(text)
    assert len(set(match.places)) == len(match.places)
    assert (match.method is Method.NONE) == (not match.places)
