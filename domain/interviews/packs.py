"""Which questions of the bank suit a person: areas by role, then an order that spreads and ramps."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from domain.background.vocabulary import skill_areas, skills_in
from domain.interviews.bank import BankQuestion, find_question, load_bank
from domain.interviews.keywords import Word, find, words_of
from domain.interviews.likeness import ideas, overlap
from domain.interviews.plan import Difficulty, InterviewKind, QuestionKind
from domain.interviews.roles import pack_of
from domain.interviews.rubric import normalised
from domain.ports import Candidate, PlanRequest

# Words of a role or domain that name an area, English and Spanish.
_ROLE_WORDS: dict[str, tuple[str, ...]] = {
    "backend": (
        "backend", "back end", "server*", "servidor*", "api", "full stack", "fullstack", "web", "software",
        "java", "python", "django", "golang", "node", "php", "ruby", ".net", "microservic*", "programador*",
        "programmer", "embedded", "embebid*", "game*", "juego*", "videojuego*",
    ),
    "frontend": (
        "frontend", "front end", "ui", "ux", "full stack", "fullstack", "web", "react", "angular", "vue",
        "javascript", "typescript", "interface*", "interfaz", "interfaces", "maquet*", "game*", "juego*",
    ),
    "data": (
        "data", "datos", "scientist", "cientific*", "statistic*", "estadistic*", "analytics", "etl",
    ),
    "ml": (
        "machine learning", "ml", "ai", "ia", "deep learning", "mlops", "nlp", "computer vision",
        "aprendizaje automatico", "inteligencia artificial",
    ),
    "devops": (
        "devops", "sre", "reliability", "platform", "plataforma", "cloud", "nube", "infrastructure",
        "infraestructura", "sysadmin", "systems administrator", "administrador de sistemas", "kubernetes",
        "network*", "redes", "security", "seguridad",
    ),
    "mobile": (
        "mobile", "movil*", "android", "ios", "flutter", "kotlin", "swift", "react native", "app", "apps",
    ),
    "qa": (
        "qa", "tester", "testing", "sdet", "test engineer", "quality assurance", "quality engineer",
        "calidad", "pruebas",
    ),
    "product": (
        "product", "producto", "product manager", "product owner", "gerente de producto", "jefe de producto",
        "jefa de producto", "growth", "market*", "mercadeo", "business", "negocio",
    ),
    "management": (
        "manager", "management", "head", "director*", "lead*", "lider*", "chief", "vp", "cto", "ceo",
        "gerente*", "jefe", "jefa", "coordina*", "supervisor*", "scrum master", "gestion",
    ),
    "design": (
        "designer", "design", "ux", "ui", "disenador*", "diseno", "user research*",
        "investigacion de usuarios",
    ),
    "analyst": (
        "analyst", "analista", "business intelligence", "bi", "business analysis", "requirements",
    ),
    "support": (
        "support", "soporte", "helpdesk", "help desk", "service desk", "customer success", "customer service",
        "call center", "call centre", "atencion al cliente",
    ),
}  # fmt: skip

# What to ask besides, where an area alone does not fill an interview.
_NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "backend": ("devops", "data"),
    "frontend": ("mobile", "backend"),
    "data": ("analyst", "ml"),
    "ml": ("data", "backend"),
    "devops": ("backend", "data"),
    "mobile": ("frontend", "backend"),
    "qa": ("backend", "frontend"),
    "product": ("management", "analyst"),
    "management": ("product", "devops"),
    "design": ("product", "frontend"),
    "analyst": ("data", "product"),
    "support": ("product", "devops"),
}
_NO_SIGN = ("product", "management", "data")
_MOST_AREAS = 3
_TARGET_WEIGHT, _DOMAIN_WEIGHT, _SKILL_WEIGHT, _TEXT_WEIGHT = 8, 6, 2, 1
_MOST_FROM_TEXT = 5

_RAMPS: dict[str, tuple[Difficulty, ...]] = {
    "beginner": (Difficulty.EASY, Difficulty.EASY, Difficulty.MEDIUM),
    "intermediate": (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.MEDIUM, Difficulty.HARD),
    "advanced": (Difficulty.MEDIUM, Difficulty.MEDIUM, Difficulty.HARD),
    "expert": (Difficulty.MEDIUM, Difficulty.HARD, Difficulty.HARD),
}
_RUNGS = list(Difficulty)
_EVERYBODYS = ("behavioural", "system-design")


def areas_for(candidate: Candidate, job_description: str = "") -> tuple[str, ...]:
    """The areas whose technical questions suit the candidate, the best first; enough for 20."""
    weights = _area_weights(candidate, job_description)
    ranked = [area for area, weight in weights.most_common() if weight * 3 >= max(weights.values())]
    ranked = ranked[:_MOST_AREAS]
    if not ranked:
        return _NO_SIGN
    neighbours = chain.from_iterable(_NEIGHBOURS[area] for area in ranked)
    return tuple(dict.fromkeys(chain(ranked, neighbours)))[:_MOST_AREAS]


def _area_weights(candidate: Candidate, job_description: str) -> Counter[str]:
    weights: Counter[str] = Counter()
    role = words_of(candidate.target_role or "\n".join(candidate.resume_text.splitlines()[:3]))
    domain = words_of(str(candidate.background.get("primary_domain", "")))
    for area, keywords in _ROLE_WORDS.items():
        weights[area] += _TARGET_WEIGHT * _hits(keywords, role) + _DOMAIN_WEIGHT * _hits(keywords, domain)
    pack = pack_of(candidate.target_role)
    for place, area in enumerate(pack.areas if pack else ()):
        weights[area] += 2 * _TARGET_WEIGHT // (place + 1)
    for area in skill_areas(_told_skills(candidate)):
        weights[area] += _SKILL_WEIGHT
    for text in (candidate.resume_text, job_description):
        counted = Counter(skill_areas(skills_in(text)))
        for area, count in counted.items():
            weights[area] += _TEXT_WEIGHT * min(count, _MOST_FROM_TEXT)
    return +weights


def _hits(keywords: Iterable[str], words: Sequence[Word]) -> int:
    return min(2, sum(find(keyword, words) is not None for keyword in keywords))


def _told_skills(candidate: Candidate) -> list[str]:
    told: list[str] = []
    for name in ("programming_languages", "software_tools"):
        given = candidate.background.get(name, ())
        if isinstance(given, (list, tuple)):
            told.extend(str(each) for each in given)
    return skills_in(", ".join(told))


def choose(request: PlanRequest, ages: Mapping[str, int], seed: str) -> tuple[BankQuestion, ...]:
    """`request.count` different questions in the order they are asked.

    Those in `ages` (`asked_of_bank`) come only when nothing else is left, the oldest of them first. The same
    request and seed give the same questions.
    """
    areas = areas_for(request.candidate, request.job_description)
    pack = pack_of(request.candidate.target_role)
    noise = _noise(request, seed)
    chosen: list[BankQuestion] = []
    for position in range(request.count):
        kind = _kind_at(request.kind, position)
        wanted = request.difficulty or _difficulty_at(request.candidate, position, request.count)
        place = _Place(kind, wanted, areas, frozenset(pack.competencies if pack else ()))
        cost = _cost(place, chosen, ages, noise)
        left = [question for question in _pool(kind, areas) if question not in chosen]
        fitting = [question for question in left if question.difficulty is request.difficulty]
        chosen.append(min(fitting or left or _unused(chosen), key=cost))
    return tuple(chosen)


def spare(
    request: PlanRequest, ages: Mapping[str, int], chosen: Sequence[BankQuestion]
) -> tuple[BankQuestion, ...]:
    """For each competency and kind of `chosen` an easier and a harder question, where there are new ones."""
    if request.difficulty:
        return ()
    taken = {(question.kind, question.competency, question.difficulty) for question in chosen}
    topics = {(question.kind, question.competency) for question in chosen}
    found: dict[tuple[str, str, str], BankQuestion] = {}
    for question in load_bank():
        topic = (question.kind, question.competency)
        if topic in topics and (*topic, question.difficulty) not in taken and question.id not in ages:
            found.setdefault((*topic, question.difficulty), question)
    return tuple(found.values())


def asked_of_bank(asked_before: Sequence[str]) -> dict[str, int]:
    """The questions of the bank that were asked, in any words, and when: from 1 for the longest ago up."""
    ages: dict[str, int] = {}
    for recency, text in enumerate(reversed(asked_before), start=1):
        question = find_question(text)
        if question is not None:
            ages[question.id] = recency
            continue
        meant = ideas(text)
        ages |= {each.id: recency for each, known in _bank_ideas() if any(overlap(meant, k) for k in known)}
    return ages


@cache
def _bank_ideas() -> tuple[tuple[BankQuestion, tuple[frozenset[str], ...]], ...]:
    return tuple(
        (question, tuple(ideas(wording.text) for wording in question.wordings.values()))
        for question in load_bank()
    )


def _noise(request: PlanRequest, seed: str) -> Callable[[BankQuestion], float]:
    """A fixed number between 0 and 1 for each question, different from person to person and time to time."""
    candidate = request.candidate
    about = (seed, candidate.target_role, candidate.resume_text, repr(sorted(candidate.background.items())))
    asked = sorted(normalised(text) for text in request.asked_before)
    root = hashlib.sha256("\x1f".join((*about, request.kind, request.job_description, *asked)).encode())

    def of(question: BankQuestion) -> float:
        digest = root.copy()
        digest.update(question.id.encode())
        return int.from_bytes(digest.digest()[:4]) / 2**32

    return of


def _kind_at(kind: InterviewKind, position: int) -> QuestionKind:
    """A mixed interview opens with a story and then changes between the two."""
    if kind is InterviewKind.MIXED:
        return QuestionKind.TECHNICAL if position % 2 else QuestionKind.BEHAVIOURAL
    return QuestionKind(kind.value)


def _difficulty_at(candidate: Candidate, position: int, count: int) -> Difficulty:
    level = str(candidate.background.get("experience_level", ""))
    ramp = _RAMPS.get(level, _RAMPS["intermediate"])
    return ramp[position * len(ramp) // count]


def _pool(kind: QuestionKind, areas: Sequence[str]) -> list[BankQuestion]:
    """Technical questions come from the areas; stories from everybody's and from those of the areas.

    System design has an area of its own, the same for all.
    """
    wanted = set(areas)
    if kind is QuestionKind.BEHAVIOURAL:
        wanted = {"behavioural"} if areas == _NO_SIGN else {"behavioural", *areas[:2]}
    if kind is QuestionKind.SYSTEM_DESIGN:
        wanted = {"system-design"}
    return [question for question in load_bank() if question.kind is kind and question.area in wanted]


def _unused(chosen: Sequence[BankQuestion]) -> list[BankQuestion]:
    return [question for question in load_bank() if question not in chosen]


@dataclass(frozen=True)
class _Place:
    """What is wanted at one place of an interview; `preferred` is what the role is asked about most."""

    kind: QuestionKind
    difficulty: Difficulty
    areas: Sequence[str]
    preferred: frozenset[str]

    def distance(self, area: str) -> int:
        """How far an area is from the candidate's own; everybody's areas are near."""
        if area in _EVERYBODYS:
            return 0
        return self.areas.index(area) if area in self.areas else len(self.areas)


def _cost(
    place: _Place,
    chosen: Sequence[BankQuestion],
    ages: Mapping[str, int],
    noise: Callable[[BankQuestion], float],
) -> Callable[[BankQuestion], tuple[int, float]]:
    """What speaks against a question: asked before, another kind, the wrong rung, a farther area, its
    competency seen or not what the role is asked about most."""
    seen = Counter(question.competency for question in chosen)

    def of(question: BankQuestion) -> tuple[int, float]:
        rungs = abs(_RUNGS.index(question.difficulty) - _RUNGS.index(place.difficulty))
        against = 4 * rungs + 3 * place.distance(question.area) + 3 * seen[question.competency]
        against += 6 * (question.kind is not place.kind) + 2 * (question.competency not in place.preferred)
        return ages.get(question.id, 0), against + noise(question)

    return of
