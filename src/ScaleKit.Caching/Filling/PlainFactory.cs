namespace ScaleKit.Caching;

/// <summary>A factory of HybridCache's own shape: it decides nothing but the value.</summary>
internal sealed class PlainFactory<TState, T>(TState state, Func<TState, CancellationToken, ValueTask<T>> factory) : ValueFactory<T>
{
    public override async ValueTask<(T Value, EntryPlan? Plan)> RunAsync(
        string key, EntryPlan plan, LocalEntry? stale, CancellationToken cancellationToken) =>
        (await factory(state, cancellationToken).ConfigureAwait(false), plan);

    public override ValueTask<T> RunAloneAsync(string key, CancellationToken cancellationToken) => factory(state, cancellationToken);
}
