namespace SessionCache;

/// <summary>The answer to "who is this?".</summary>
/// <param name="Session">The session, if there is one.</param>
/// <param name="ServedFrom">Which level answered.</param>
/// <param name="AskedAt">When it was asked, as a timestamp.</param>
/// <param name="Took">How long the answer took.</param>
internal sealed record SessionCheck(Session? Session, string ServedFrom, long AskedAt, TimeSpan Took);
