namespace ScaleKit.Sharding;

/// <summary>One step of a plan: slots that are copied together and then change their owner together. Immutable.</summary>
public sealed class PlanWave
{
    internal PlanWave(int number, IReadOnlyList<SlotMove> moves, PlanOptions options, int slotCount, TimeSpan before)
    {
        Number = number;
        Moves = moves;
        Slots = moves.Sum(m => m.Count);
        Rows = (long)Math.Round((double)options.Rows / slotCount * Slots);
        Bytes = (long)Math.Min(long.MaxValue, (double)Rows * options.BytesPerRow);
        Duration = TimeSpan.FromSeconds(Math.Min(Rows / options.RowsPerSecond, TimeSpan.MaxValue.TotalSeconds / 1_000_000));
        Elapsed = before + Duration;
    }

    /// <summary>Number of the wave, from 1.</summary>
    public int Number { get; }

    /// <summary>What moves, in the order in which to copy.</summary>
    public IReadOnlyList<SlotMove> Moves { get; }

    /// <summary>Slots that move.</summary>
    public int Slots { get; }

    /// <summary>Rows that move, estimated from <see cref="PlanOptions.Rows"/>.</summary>
    public long Rows { get; }

    /// <summary>Bytes that move, estimated.</summary>
    public long Bytes { get; }

    /// <summary>Time that the copy takes, estimated from <see cref="PlanOptions.RowsPerSecond"/>.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Time from the beginning of the plan to the end of this wave, estimated.</summary>
    public TimeSpan Elapsed { get; }
}
