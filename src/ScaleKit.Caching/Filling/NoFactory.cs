namespace ScaleKit.Caching;

/// <summary>The factory of calls that forbid one.</summary>
internal sealed class NoFactory<T> : ValueFactory<T>
{
    public static readonly NoFactory<T> Instance = new();

    public override ValueTask<(T Value, EntryPlan? Plan)> RunAsync(string key, EntryPlan plan, LocalEntry? stale, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A call without a factory must forbid it.");

    public override ValueTask<T> RunAloneAsync(string key, CancellationToken cancellationToken) => throw new InvalidOperationException("A call without a factory must forbid it.");
}
