"""The sentences a new service begins with, one for each purpose, in English and in French (R2)."""

from casework.people.models import Purpose

# (English, French), said aloud; an administrator will be able to write others.
DEFAULT: dict[Purpose, tuple[str, str]] = {
    Purpose.KEEP_CASE: (
        (
            "May I keep a short record of today, so that you need not tell it all again? "
            "It stays with us, it ends by itself after 45 days, and you can end it any time."
        ),
        (
            "Acceptez-vous que je garde une courte note de notre échange, pour ne pas avoir à tout "
            "répéter? Elle reste chez nous, elle prend fin d’elle-même après 45 jours, et vous "
            "pouvez y mettre fin en tout temps."
        ),
    ),
    Purpose.CALL_BACK: (
        (
            "May we call you back to hear whether you got what you needed? "
            "Only at the hours you choose, and you can say stop any time."
        ),
        (
            "Acceptez-vous qu’on vous rappelle pour savoir si vous avez obtenu ce qu’il vous fallait? "
            "Seulement aux heures que vous choisissez, et vous pouvez dire non en tout temps."
        ),
    ),
    Purpose.SHARE_WITH_PARTNER: (
        (
            "To ask for a place for you, may I tell them what you need and how to reach you? "
            "Only them, and only what we agree on now."
        ),
        (
            "Pour demander une place pour vous, est-ce que je peux leur dire ce qu’il vous faut et "
            "comment vous joindre? À eux seulement, et seulement ce dont nous convenons maintenant."
        ),
    ),
    Purpose.LEAVE_VOICEMAIL: (
        "If nobody answers, may we leave a voicemail with the words we agree on?",
        (
            "Si personne ne répond, acceptez-vous qu’on laisse un message vocal avec les mots dont "
            "nous convenons?"
        ),
    ),
    Purpose.TEXT_MESSAGE: (
        "May we send you a text? It will say nothing of why you called.",
        "Acceptez-vous qu’on vous envoie un texto? Il ne dira rien de la raison de votre appel.",
    ),
    Purpose.QUALITY_REVIEW: (
        "May a supervisor read this record later, to see whether we served you well?",
        (
            "Acceptez-vous qu’une personne qui nous supervise lise cette note plus tard, pour voir si "
            "nous vous avons bien servi?"
        ),
    ),
    Purpose.DEIDENTIFIED_STORY: (
        "May we tell what happened, without your name or anything that points to you?",
        "Acceptez-vous qu’on raconte ce qui s’est passé, sans votre nom ni rien qui mène à vous?",
    ),
}
