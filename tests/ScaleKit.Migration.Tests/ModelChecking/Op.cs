namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What an actor does next.</summary>
internal sealed record Op(OpKind Kind, long Value = 0)
{
    public bool IsOnRow => Kind <= OpKind.Update;

    public static Op Get { get; } = new(OpKind.Get);

    public static Op Delete { get; } = new(OpKind.Delete);

    public static Op Update { get; } = new(OpKind.Update);

    public static Op Repair { get; } = new(OpKind.Repair);

    public static Op Backfill { get; } = new(OpKind.Backfill);

    public static Op Beat { get; } = new(OpKind.Beat);

    public static Op Put(long value) => new(OpKind.Put, value);

    public static Op Share(double percent) => new(OpKind.Share, (long)percent);

    public static Op Move(MigrationPhase target) => new(OpKind.Move, (long)target);

    /// <summary>A change that depends on what was there: used once a scenario, so that values stay below 14.</summary>
    public static long Changed(long value) => value + 7;

    /// <summary>What a single store would do: the value afterwards, and the answer.</summary>
    public (long Value, long Result) On(long value) => Kind switch
    {
        OpKind.Get => (value, value),
        OpKind.Put => (Value, 0),
        OpKind.Delete => (0, value == 0 ? 0 : 1),
        _ => (Changed(value), Changed(value)),
    };

    /// <summary>Does it in a process, by the shipping code.</summary>
    public async Task<long> RunAsync(Process process)
    {
        var repository = process.Repository;
        switch (Kind)
        {
            case OpKind.Get:
                return (await repository.GetAsync(1).ConfigureAwait(false)).Value;
            case OpKind.Put:
                await repository.UpsertAsync(1, Value).ConfigureAwait(false);
                return 0;
            case OpKind.Delete:
                return await repository.DeleteAsync(1).ConfigureAwait(false) ? 1 : 0;
            case OpKind.Update:
                return (await repository.UpdateAsync(1, static row => Changed(row.Value)).ConfigureAwait(false)).Value;
            case OpKind.Move:
                await process.Ladder.MoveToAsync((MigrationPhase)Value).ConfigureAwait(false);
                return 0;
            case OpKind.Share:
                await process.Ladder.ShareReadsAsync(Value).ConfigureAwait(false);
                return 0;
            case OpKind.Beat:
                await process.Ladder.BeatAsync(CancellationToken.None).ConfigureAwait(false);
                return 0;
            case OpKind.Repair:
                return await repository.Repair.StepAsync().ConfigureAwait(false);
            default:
                return (await new Backfill<long, long>(repository).RunAsync().ConfigureAwait(false)).Rows;
        }
    }

    public override string ToString() => Kind switch
    {
        OpKind.Put => $"put {Value}",
        OpKind.Move => $"move to {((MigrationPhase)Value).Letter()}",
        OpKind.Share => $"share of reads {Value} %",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
