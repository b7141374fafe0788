namespace ScaleKit.Sharding;

/// <summary>How much there is to move, how fast, and how much at once. From these a plan makes its waves and its estimate.</summary>
public sealed class PlanOptions
{
    /// <summary>Rows in all shards together, from 0 (unknown: no estimate) to 10^15.</summary>
    /// <value>0</value>
    public long Rows { get; set; }

    /// <summary>Bytes of a row, from 1 to 10^9.</summary>
    /// <value>1,024</value>
    public long BytesPerRow { get; set; } = 1_024;

    /// <summary>Rows that are copied in a second, all flows together, from 0.001 to 10^12. Measure it; do not guess.</summary>
    /// <value>10,000</value>
    public double RowsPerSecond { get; set; } = 10_000;

    /// <summary>
    /// Most bytes that one wave may move, from 0 (everything in one wave) to 10^18. A wave always moves at least one slot, even if that is more.
    /// </summary>
    /// <value>0</value>
    public long WaveBytes { get; set; }

    internal static PlanOptions ValidatedCopy(PlanOptions options)
    {
        Check(options, options.Rows, 0, 1_000_000_000_000_000, nameof(Rows));
        Check(options, options.BytesPerRow, 1, 1_000_000_000, nameof(BytesPerRow));
        Check(options, options.RowsPerSecond, 0.001, 1_000_000_000_000, nameof(RowsPerSecond));
        Check(options, options.WaveBytes, 0, 1_000_000_000_000_000_000, nameof(WaveBytes));
        return (PlanOptions)options.MemberwiseClone();
    }

    private static void Check(PlanOptions options, double value, double least, double most, string option)
    {
        // Written so that NaN fails it too.
        if (!(value >= least && value <= most))
        {
            throw new ArgumentOutOfRangeException(nameof(options), value, $"{option} must be from {least} to {most}.");
        }
    }
}
