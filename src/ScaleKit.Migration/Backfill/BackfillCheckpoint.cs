namespace ScaleKit.Migration;

/// <summary>How far the backfill of one dual-write period has come.</summary>
internal sealed record BackfillCheckpoint
{
    public long Tenure { get; init; }

    public string? Cursor { get; init; }

    public long Rows { get; init; }

    public bool Done { get; init; }
}
