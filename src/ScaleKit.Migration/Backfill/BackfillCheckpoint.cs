using System.Text.Json.Serialization;

namespace ScaleKit.Migration;

/// <summary>How far the backfill of one dual-write period has come: what has been handed out and is not copied yet, and what has not been handed out.</summary>
internal sealed record BackfillCheckpoint
{
    public long Tenure { get; init; }

    // Both must stand in a document: without them it would say that all is copied.
    [JsonRequired]
    public IReadOnlyList<BackfillChunk> Open { get; init; } = [];

    [JsonRequired]
    public BackfillChunk? Rest { get; init; }

    public long Rows { get; init; }

    public bool Done => Open.Count == 0 && Rest is null;
}
