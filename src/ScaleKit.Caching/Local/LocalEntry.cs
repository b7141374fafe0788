namespace ScaleKit.Caching;

/// <summary>A value in the memory level with what is needed to judge it.</summary>
internal abstract class LocalEntry
{
    private long _checkedAt = -1;

    /// <summary>The sequence that the cache had reached when the value was made.</summary>
    public required long Version { get; init; }

    /// <summary>See <see cref="FillToken.Generation"/>.</summary>
    public required int Generation { get; init; }

    /// <summary>When it expires, in timestamps of the cache's clock.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Until when it may be served after the factory failed, in timestamps of the cache's clock.</summary>
    public required long StaleUntil { get; init; }

    public required string[] Tags { get; init; }

    /// <summary>The stamp at which the tags were last found valid. Readers race on it; each value that they write is a true one.</summary>
    public long CheckedAt
    {
        get => Volatile.Read(ref _checkedAt);
        set => Volatile.Write(ref _checkedAt, value);
    }
}
