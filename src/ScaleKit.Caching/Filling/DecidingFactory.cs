using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>A factory with a <see cref="CacheFill"/>: it also decides about the entry.</summary>
internal sealed class DecidingFactory<TState, T>(
    TState state,
    Func<TState, CacheFill, CancellationToken, ValueTask<T>> factory,
    HybridCacheEntryOptions? options,
    TwoLevelCacheOptions defaults) : ValueFactory<T>
{
    public override async ValueTask<(T Value, EntryPlan? Plan)> RunAsync(
        string key, EntryPlan plan, LocalEntry? stale, CancellationToken cancellationToken)
    {
        var fill = new CacheFill(key, options, plan.Tags, stale);
        var value = await factory(state, fill, cancellationToken).ConfigureAwait(false);
        if (!KeyRules.TryTake(fill.Tags, defaults, out var tags))
            return (value, null);

        // The very array of the call where the tags are the call's: who shares this fill need not look at them again.
        var decided = EntryPlan.Of(
            new() { Expiration = fill.Expiration, LocalCacheExpiration = fill.LocalCacheExpiration, Flags = fill.Flags },
            defaults,
            ReferenceEquals(fill.Tags, plan.Tags) ? plan.Tags : tags);
        return (value, fill.IsNotFound ? decided.ForNothing(defaults) : decided);
    }

    public override ValueTask<T> RunAloneAsync(string key, CancellationToken cancellationToken) =>
        factory(state, new CacheFill(key, options), cancellationToken);
}
