"""From detections to what people do about them: the story of a detection, its guide filled in, a page to hand on."""
