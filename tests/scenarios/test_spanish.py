"""The main job in Spanish, and nothing in it that is not."""

from __future__ import annotations

import re

from bot.texts import catalogue
from tests.loopback.greenroom import PASSWORD, Greenroom, code_from_mail
from tests.loopback.scenes import resume_docx

RESPUESTA = (
    "En mi último equipo fallaba una carga nocturna. Mi tarea era hacerla fiable: medí dónde se rompía, "
    "añadí un índice a la consulta lenta, reintentos y monitorización. Como resultado, los fallos bajaron de "
    "nueve a cero."
)
ENGLISH = re.compile(r"\b(the|your|you|with|please|and|of|this|question|answer|score)\b", re.IGNORECASE)


async def test_from_start_to_report(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana", "es-ES")
    await ana.says("/start")
    await ana.hears("Greenroom te da la bienvenida")
    await ana.taps("Vincular mi cuenta")
    await ana.hears("correo electrónico")
    await ana.says("ana")
    await ana.hears("no parece un correo")
    await ana.says("ana@example.org")
    await ana.hears("código de seis cifras")
    mail = await ana.gets_mail("es tu código", to="ana@example.org")
    assert "Escríbelo en el chat" in mail.text
    await ana.says(await code_from_mail(ana, "ana@example.org"))
    await ana.hears("qué nombre")
    await ana.says("Ana María Ñúñez")
    await ana.hears("elige una contraseña")
    await ana.says("corta")
    await ana.hears("demasiado corta: 15 caracteres")
    await ana.says(PASSWORD)
    await ana.hears("vinculado a tu cuenta")
    await ana.hears("nivel de experiencia")
    await ana.says("avanzado")
    await ana.hears("área")
    await ana.taps("Datos")
    await ana.hears("lenguajes de programación")
    await ana.says("python y SQL")
    await ana.hears("Anotado: Python, SQL")
    await ana.says("listo")
    await ana.hears("herramientas")
    await ana.says("saltar")
    await ana.hears("equipo")
    await ana.taps("Saltar")
    await ana.hears("preferencias")
    await ana.says("Prefiero escribir")
    card = await ana.hears("Tu perfil")
    assert "Nivel: Avanzado" in card.text
    await ana.sends(resume_docx(), "currículum.docx")
    await ana.hears("Lo estoy leyendo")
    await ana.hears("leído y analizado")
    await ana.hears("Habilidades: ")
    await ana.taps("Empezar entrevista")
    await ana.hears("Qué tipo")
    await ana.says("conductual")
    await ana.hears("Cuántas preguntas")
    await ana.says("2")
    await ana.hears("oferta de empleo")
    await ana.says("saltar")
    for number in (1, 2):
        await ana.hears(f"^Pregunta {number} de 2")
        await ana.says(RESPUESTA)
        await ana.hears("Puntos clave mencionados: .* no una puntuación")
    await ana.hears("Puntuación final")
    await ana.says("/help")
    await ana.hears(re.escape(catalogue("es")["help"].strip().splitlines()[1]))

    foreign = [line for message in ana.bot_messages if (line := ENGLISH.search(message.text))]
    assert not foreign, [match.string for match in foreign]
