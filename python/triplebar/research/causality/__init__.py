"""Does a strategy, or an engine, know what it cannot know, or care for what should not matter?"""
