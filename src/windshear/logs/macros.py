"""Functions that statements call, so that they stay short: the connection of the logs package knows them."""

from __future__ import annotations

BARE_TEXT, MICROS_OF = "bare_text", "micros_of"
LINE_AFTER, UNPADDED, UNESCAPED, UNMAPPED = "line_after", "unpadded", "unescaped", "unmapped"
SECONDS_AHEAD, DIVIDED, LEFT_OVER, MONTH_FIRST = "seconds_ahead", "divided", "left_over", "month_first"
SHORTENED = "shortened"
MACROS = (
    # `epoch` and `infinity` are times to DuckDB, so a time must begin with a digit.
    f"""CREATE MACRO {MICROS_OF}(written) AS CASE WHEN written >= '0' AND written < ':'
        THEN epoch_us(TRY_CAST(written AS TIMESTAMPTZ)) ELSE CAST(NULL AS BIGINT) END""",
    f"""CREATE MACRO {SECONDS_AHEAD}(written) AS CASE WHEN written >= '0' AND written < ':' THEN CAST(CAST(
        TRY_CAST(left(written, strpos(written, ':') - 1) AS DECIMAL(18, 6)) AS DOUBLE) * 1e6 AS BIGINT) END""",
    # .NET writes times so where nothing says otherwise, whatever the country (`CultureInfo.InvariantCulture`).
    f"""CREATE MACRO {MONTH_FIRST}(written) AS CASE WHEN contains(written, '/') THEN CAST(try_strptime(written,
        ['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p +00:00', '%m/%d/%Y %H:%M:%S +00:00'])
        AS VARCHAR) ELSE written END""",
    # `left` counts characters, which are looked at only in a text with as many bytes; a pattern that counts them is ten
    # times as dear.
    f"""CREATE MACRO {SHORTENED}(written, most) AS CASE WHEN strlen(written) > most THEN left(written, most)
        ELSE written END""",
    # SQL rounds towards zero; these round down, as a time before 1970 needs it.
    f"""CREATE MACRO {LEFT_OVER}(number, divisor) AS (number % divisor + divisor) % divisor""",
    f"""CREATE MACRO {DIVIDED}(number, divisor) AS
        (number - (number % divisor + divisor) % divisor) // divisor""",
    f"""CREATE MACRO {BARE_TEXT}(written) AS CASE WHEN starts_with(written, '"')
        THEN nullif(coalesce(TRY(json_extract_string(written, '$')), written), '') ELSE written END""",
    f"""CREATE MACRO {UNESCAPED}(written) AS CASE WHEN contains(written, '&') THEN
        replace(replace(replace(replace(replace(written, '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&apos;', chr(39)),
        '&amp;', '&') ELSE written END""",
    # `trim` looks at every character, so only a text with blanks around it gets there.
    f"""CREATE MACRO {UNPADDED}(written) AS nullif(CASE WHEN starts_with(written, ' ') OR ends_with(written, ' ')
        THEN trim(written) ELSE written END, '')""",
    f"""CREATE MACRO {UNMAPPED}(written) AS CASE WHEN starts_with(written, '::')
        THEN regexp_replace(written, '^::[Ff]{{4}}:([0-9.]+)$', '\\1') ELSE written END""",
    # Several times as fast as a pattern, as positions, which count characters and not bytes, and as `split_part`, which
    # works out its arguments several times.
    f"""CREATE MACRO {LINE_AFTER}(written, label) AS string_split(substr(list_filter(written,
        lambda line: starts_with(line, label))[1], length(label) + 1), chr(13))[1]""",
)
