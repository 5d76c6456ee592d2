"""Many people write on Telegram and WhatsApp while the process and the providers die again and again: what is lost?"""
