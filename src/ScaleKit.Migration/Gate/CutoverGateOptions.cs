namespace ScaleKit.Migration;

/// <summary>
/// The evidence that the moves towards the new store ask for (Q to D, D to E, E to F). What the protocol itself needs (backfill complete, outbox paid, fleet acknowledged) is always asked for
/// and stands in no option.
/// </summary>
public sealed class CutoverGateOptions
{
    /// <summary>How many rows the last verification must have compared at least; 0 or more.</summary>
    /// <value>0.</value>
    public long MinimumVerifiedRows { get; set; }

    /// <summary>Which part of the rows the last verification may have found different, 0 to 1. It repairs them if it was asked to.</summary>
    /// <value>0.</value>
    public double MaximumMismatchRate { get; set; }

    /// <summary>How long the repair must have had nothing left to pay; 0 to 30 days.</summary>
    /// <value>0: the outbox must be paid at the moment of the move, which every move asks for.</value>
    public TimeSpan DebtFreeFor { get; set; }

    /// <summary>How old the oldest debt may be; null for no limit.</summary>
    /// <value>null.</value>
    public TimeSpan? MaximumLag { get; set; }

    /// <summary>
    /// How large the share of shadow reads that differ may be, at most, with <see cref="ShadowConfidence"/>; null asks for no shadow reads. What is compared with it is the upper bound of Clopper and
    /// Pearson, so it needs enough reads: without a mismatch, n reads give 1 - (1 - confidence)^(1/n), about 3/n at 95 %: 0.1 % needs 2,995 reads.
    /// </summary>
    /// <value>null.</value>
    public double? MaximumShadowMismatchRate { get; set; }

    /// <summary>How sure one wants to be of <see cref="MaximumShadowMismatchRate"/>, 0.5 to 0.999999.</summary>
    /// <value>0.95.</value>
    public double ShadowConfidence { get; set; } = 0.95;

    /// <summary>Whether the way back from the rung that one leaves (D or E) must have been walked in this dual-write period.</summary>
    /// <value>false.</value>
    public bool RequireReversePath { get; set; }

    internal CutoverGateOptions Copy() => (CutoverGateOptions)MemberwiseClone();
}
