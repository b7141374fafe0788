using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <content>Calls whose factory decides about the entry.</content>
public sealed partial class TwoLevelCache
{
    /// <summary>Gets a value, or makes it by a factory that also decides about its lifetime, its tags, or that there is nothing; see <see cref="CacheFill"/>.</summary>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key; one that breaks the bounds of <see cref="TwoLevelCacheOptions"/> bypasses the cache.</param>
    /// <param name="state">Handed to the factory, so that it needs no closure.</param>
    /// <param name="factory">Makes the value.</param>
    /// <param name="options">What holds where the factory does not decide otherwise.</param>
    /// <param name="tags">The tags of the entry where the factory does not decide otherwise.</param>
    /// <param name="cancellationToken">Gives up waiting; cancels the factory when nobody waits any more.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> or <paramref name="factory"/> is null.</exception>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFill, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return ReadsLocal(options) && TryHit(_local.Find(key), out T value)
            ? new ValueTask<T>(value)
            : FillAsync(key, new DecidingFactory<TState, T>(state, factory, options, _options), options, tags, cancellationToken);
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CacheFill, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    /// <remarks>A hit in memory makes no string of the key.</remarks>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CacheFill, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return ReadsLocal(options) && TryHit(_local.Find(key), out T value)
            ? new ValueTask<T>(value)
            : FillAsync(key.ToString(), new DecidingFactory<TState, T>(state, factory, options, _options), options, tags, cancellationToken);
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CacheFill, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key,
        Func<CacheFill, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (f, fill, c) => f(fill, c), options, tags, cancellationToken);
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CacheFill, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    /// <remarks>A hit in memory makes no string of the key.</remarks>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ref DefaultInterpolatedStringHandler key,
        TState state,
        Func<TState, CacheFill, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        // Nothing keeps the text after the first, synchronous part of the call.
        var result = GetOrCreateAsync(key.Text, state, factory, options, tags, cancellationToken);
        key.Clear();
        return result;
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(ref DefaultInterpolatedStringHandler, TState, Func{TState, CacheFill, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ref DefaultInterpolatedStringHandler key,
        Func<CacheFill, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(ref key, factory, static (f, fill, c) => f(fill, c), options, tags, cancellationToken);
    }
}
