using System.Globalization;

namespace ScaleKit.Migration;

/// <summary>A record of the audit log: a move that an instance was about to make. Immutable.</summary>
/// <remarks>It is appended before the move takes effect, so no move is without one. A move that then failed or was overtaken leaves a record too; the next record tells where the migration stood.</remarks>
public sealed record MigrationAuditRecord
{
    /// <summary>Rises with each record.</summary>
    public long Number { get; init; }

    /// <summary>When, by the journal's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Which instance moved.</summary>
    public string Instance { get; init => field = value ?? ""; } = "";

    /// <summary>The phase before.</summary>
    public MigrationPhase From { get; init; }

    /// <summary>The phase after.</summary>
    public MigrationPhase To { get; init; }

    /// <summary>The epoch before.</summary>
    public long Epoch { get; init; }

    /// <summary>The percentage of reads from the new store after it.</summary>
    public double ReadShare { get; init; }

    /// <summary>Who overrode the gate; null when nothing was overridden.</summary>
    public string? OverriddenBy { get; init; }

    /// <summary>Why it was overridden, or that no move was made but one restored that the journal had lost; else null.</summary>
    public string? Reason { get; init; }

    /// <summary>What was overridden.</summary>
    public IReadOnlyList<UnmetCondition> Overridden { get; init => field = [.. (value ?? []).Where(static one => one is not null)]; } = [];

    /// <summary>What was measured.</summary>
    public GateEvidence Evidence { get; init => field = value ?? new(); } = new();

    /// <summary>Who moved from where to where, and what was overridden, on one line; without the evidence.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Number}, {At:O}, {Shown.Of(Instance)}: {From} to {To}, epoch {Epoch}")
        + (OverriddenBy is null ? "" : $", overridden by {Shown.Of(OverriddenBy)}")
        + (Reason is null ? "" : $", because: {Shown.Of(Reason, 200)}")
        + ConditionText.After(" In spite of: ", Overridden);
}
