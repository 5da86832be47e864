"""Parts of attachments pass through here on a road of their own: judged, handed on, and kept nowhere.

`announced` says what an admitted envelope allows, `asked` what its destination waits for, `passing` is the pump.
"""
