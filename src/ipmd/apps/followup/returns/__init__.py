"""Return files: pre-filled workbooks and offline packs that organisations fill in where they are, and their way back.

`columns` says what a file holds, `gathering` fills it, `writing` and `pack` write it, `reading` and `comparing` tell what a file that came
back would do, `applying` does it, `intake` takes it from the page, the command line or `mail`.
"""
