"""What the loopback Gemini answers by default: plausible, and the same for the same prompt.

Each answer is made of the material of the prompt, by name, and its "system" instruction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

DELIMITED = re.compile(r"<<<(\w+) ([a-z_]+)>>>\n(.*)\n<<<\1 end>>>", re.DOTALL)
TOPICS = (
    "a slow database query", "an incident in production", "a disagreement in your team",
    "a deadline you could not meet", "a release that went wrong", "a design you are proud of",
    "a test suite nobody trusted", "a customer who was unhappy", "a service that had to scale",
    "a colleague you mentored", "a migration without downtime", "a security finding",
    "a requirement that kept changing", "a costly mistake of yours", "an idea others resisted",
    "a codebase you took over", "a metric you improved", "a trade-off you regret",
    "a tool you introduced", "a decision made with little information",
)  # fmt: skip
COMPETENCIES = ("problem solving", "collaboration", "ownership")
OPENINGS = ("Tell me about", "Walk me through", "What did you learn from")
SKILLS: tuple[str, ...] = (
    "Python",
    "PostgreSQL",
    "Django",
    "FastAPI",
    "Docker",
    "Kubernetes",
    "AWS",
    "React",
    "TypeScript",
)
SKILLS += ("Java", "Go", "Terraform", "Kafka", "Redis", "Linux", "SQL", "Git", "Spark", "Swift", "Kotlin")
STOP_WORDS = frozenset(
    ("that", "this", "with", "from", "your", "what", "when", "were", "have", "been", "they", "which", "also")
)


def material(parts: Iterable[str]) -> dict[str, str]:
    """What stands between the delimiters of the parts, by name."""
    return {found[2]: found[3] for part in parts if (found := DELIMITED.search(part))}


def words(text: str) -> list[str]:
    """The telling words of a text."""
    return [w for w in re.findall(r"\w+", text.casefold()) if len(w) > 3 and w not in STOP_WORDS]


def plan(given: dict[str, str]) -> dict[str, object]:
    """As many distinct questions as were asked for, none of them asked before."""
    count = int(_match(r"exactly (\d+) questions", given["system"], "5"))
    kind = _match(r'of the kind "(\w+)"', given["system"], "mixed")
    asked = given.get("asked_before", "").casefold()
    texts = [f"{opening} {topic}: what did you do?" for opening in OPENINGS for topic in TOPICS]
    fresh = [text for text in texts if text.casefold() not in asked]
    spare = int(_match(r"at most (\d+) further questions", given["system"], "0"))
    only = _match(r'Every question has the `difficulty` "(\w+)"', given["system"], "")
    planned = [_question(index, text, kind, only) for index, text in enumerate(fresh[: count + spare])]
    return {
        "competencies": [{"name": name, "weight": 3} for name in COMPETENCIES[:count]],
        "questions": planned[:count],
        "alternatives": planned[count:],
    }


def _question(index: int, text: str, kind: str, difficulty: str) -> dict[str, object]:
    return {
        "why": "The role asks for this.",
        "text": text,
        "fallback": f"In other words: {text}",
        "kind": ("behavioural", "technical")[index % 2] if kind == "mixed" else kind,
        "competency": COMPETENCIES[index % 3],
        "difficulty": difficulty or ("easy", "medium", "hard")[index % 3],
        "key_points": [
            {"text": "Names the situation and why it mattered", "keywords": "situation, mattered, because"},
            {"text": "Says which action they took themselves", "keywords": "action, decided, built"},
            {"text": "Gives a result with a number", "keywords": "result, percent, number"},
        ],
        "hint": "Think of one concrete case and of what changed in the end.",
    }


def evaluate_turn(given: dict[str, str]) -> dict[str, object]:
    """A key point is met where half of its words occur in the answer, and quotes the words around one."""
    answer = given["answer"]
    key_points = re.findall(r"^(\d+)\. (.+)$", given["question"], re.MULTILINE)
    judgements = [_judgement(int(index), text, answer) for index, text in key_points]
    lacking = [text for (_, text), j in zip(key_points, judgements, strict=True) if j["verdict"] != "met"]
    said = " ".join(answer.split()[:6])
    missed = f'Missing: "{lacking[0]}".' if lacking else "Nothing of weight was missing."
    may_probe = "`probe`: always empty" not in given["system"]
    planned = _match(r"Question: (.+)", given.get("next_question", ""), "")
    return {
        "judgements": judgements,
        "situation": _said_of("situation", answer),
        "task": _said_of("task", answer),
        "action": _said_of("action", answer),
        "result": _said_of("result", answer),
        "feedback": f'You said "{said}", which is a start. {missed}',
        "model_answer": f"{' '.join(answer.split()[:40])} I would add what came of it.",
        "probe_reason": "no_result" if any("result" in point for point in lacking) else "vague",
        "probe": f"Could you say more on this: {lacking[0]}?" if lacking and may_probe else "",
        "next_question": f"Thank you. {planned}" if planned else "",
    }


def _said_of(part: str, answer: str) -> str:
    """The few words of an answer from where it names a part of a story."""
    found = re.search(rf"\b{part}\b(?:\W+\w+){{0,4}}", answer, re.IGNORECASE)
    return found[0] if found else ""


def _judgement(index: int, key_point: str, answer: str) -> dict[str, object]:
    wanted, said = set(words(key_point)), set(words(answer))
    shared = wanted & said
    if not shared:
        return {"key_point": index, "quote": "", "verdict": "missing"}
    spoken = answer.split()
    at = next(i for i, word in enumerate(spoken) if shared & set(words(word)))
    verdict = "met" if len(shared) * 2 >= len(wanted) else "partly"
    return {"key_point": index, "quote": " ".join(spoken[max(0, at - 2) : at + 4]), "verdict": verdict}


def report(given: dict[str, str]) -> dict[str, object]:
    turns = given["turns"]
    count = len(re.findall(r"^Question: ", turns, re.MULTILINE))
    topics = list(dict.fromkeys(re.findall(r"^Competency: (.+)$", turns, re.MULTILINE)))
    return {
        "summary": f"You answered {count} questions on {', '.join(topics) or 'several topics'}.",
        "practise": [f"Give a measured result when you speak of {topic}." for topic in topics[:3]],
    }


SCANNED = """Ana Scanned
Data Engineer
ana.scanned@example.org
Experience
Data Engineer, Example Corp, 2019 - 2024
Skills
Python, SQL"""


ADVERTISED = """We look for a data engineer.
You know Python and SQL, and you have moved data between stores."""


def recommend(given: dict[str, str]) -> dict[str, object]:
    """A reason for the first line, and a topic where there is a role."""
    lines = re.findall(r"^(\d+)\. (.+)$", given["recommendations"], re.MULTILINE)
    role = given.get("target_role", "")
    topics = [{"name": "Trade-offs", "because": f"because every {role} is asked about them"}] if role else []
    reasons = (
        [{"number": int(lines[0][0]), "because": f"because {lines[0][1]}, as I see it"}] if lines else []
    )
    return {"reasons": reasons, "topics": topics}


def analyse_resume(given: dict[str, str]) -> dict[str, object]:
    text = given.get("resume", "")
    if int(given.get("pictures", "0")):
        return analyse_resume({"resume": SCANNED}) | {"page_text": SCANNED}
    lines = [line.strip()[:200] for line in text.splitlines() if line.strip()] or [""]
    skills = [skill for skill in SKILLS if re.search(rf"\b{re.escape(skill)}\b", text, re.IGNORECASE)]
    headings = re.search(r"\b(experience|education|skills|employment)\b", text, re.IGNORECASE)
    job = re.compile(r"(.+?)(?:,| at | - | – )\s*(.+?),?\s*\(?(\d{4})\s*[-–]\s*(\w+)\)?")
    jobs = [match.groups() for line in lines if (match := job.fullmatch(line))]
    found = bool(skills or headings)
    return {
        "document": "resume" if found else "other",
        "contact": {
            "name": lines[0][:60],
            "email": _match(r"([\w.+-]+@[\w-]+\.[\w.]+)", text, ""),
            "phone": _match(r"(\+\d[\d ()-]{7,})", text, ""),
            "location": "",
            "links": re.findall(r"https?://\S+", text),
        },
        "experience": [
            {"title": title, "employer": employer, "start": start, "end": end, "summary": ""}
            for title, employer, start, end in jobs
        ],
        "education": [
            {"degree": line[:80], "school": "", "year": _match(r"(\d{4})", line, "")}
            for line in lines
            if re.search(r"\b(university|bachelor|master|b\.?sc|m\.?sc)\b", line, re.IGNORECASE)
        ],
        "skills": skills,
        "languages": ["English"] if found else [],
        "strengths": [f"Hands-on with {skill}" for skill in skills[:3]],
        "gaps": ["No measured results are named"] if found else [],
        "inferred_role": lines[1][:60] if found and len(lines) > 1 else "",
        "years_of_experience": int(_match(r"(\d{1,2})\+? years", text, "3")) if found else -1,
        "confidence": 0.9 if found else 0.2,
    }


def transcribe(given: dict[str, str]) -> dict[str, object]:
    return {
        "transcript": "The situation mattered, so my action was to add an index, and the result was fast.",
        "hesitations": "um, uh, um",
    }


def _match(pattern: str, text: str, default: str) -> str:
    found = re.search(pattern, text, re.IGNORECASE)
    return found[1].strip() if found else default


ANSWERS: dict[str, Callable[[dict[str, str]], dict[str, object]]] = {
    "analyse_resume": analyse_resume,
    "read_pages": lambda given: {"page_text": ADVERTISED},
    "plan": plan,
    "evaluate_turn": evaluate_turn,
    "report": report,
    "recommend": recommend,
    "transcribe": transcribe,
    "check": lambda given: {"ready": "yes"},
}
