using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// Finds the serializer of a type: an <see cref="IHybridCacheSerializer{T}"/> of the service provider, else the last registered
/// <see cref="IHybridCacheSerializerFactory"/> that takes the type, else the built-in ones for <see cref="string"/> and <see cref="byte"/> arrays, else JSON.
/// Thread-safe.
/// </summary>
public sealed class CacheSerializers
{
    private readonly ConcurrentDictionary<Type, object> _byType = new();
    private readonly IServiceProvider? _services;
    private readonly JsonSerializerOptions _json;

    /// <summary>Creates a finder.</summary>
    /// <param name="services">Where registered serializers and factories are looked for; nowhere if <see langword="null"/>.</param>
    /// <param name="json">The settings of JSON; if <see langword="null"/>, reflection where the application allows it.</param>
    public CacheSerializers(IServiceProvider? services = null, JsonSerializerOptions? json = null)
    {
        _services = services;
        _json = json ?? DefaultJson();
    }

    /// <summary>Finds the serializer of <typeparamref name="T"/>; the same one on every call.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <returns>The serializer.</returns>
    /// <exception cref="NotSupportedException">No serializer takes the type and JSON has no metadata for it.</exception>
    public IHybridCacheSerializer<T> Get<T>() =>
        _byType.TryGetValue(typeof(T), out var known) ? (IHybridCacheSerializer<T>)known : (IHybridCacheSerializer<T>)_byType.GetOrAdd(typeof(T), Find<T>());

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where reflection is enabled, which trimmed applications turn off.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where reflection is enabled, which ahead-of-time compilation turns off.")]
    private static JsonSerializerOptions DefaultJson() => new()
    {
        TypeInfoResolver = JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : JsonTypeInfoResolver.Combine(),
    };

    private IHybridCacheSerializer<T> Find<T>()
    {
        if (_services?.GetService(typeof(IHybridCacheSerializer<T>)) is IHybridCacheSerializer<T> registered)
            return registered;
        if (_services?.GetService(typeof(IEnumerable<IHybridCacheSerializerFactory>)) is IEnumerable<IHybridCacheSerializerFactory> factories)
        {
            foreach (var factory in factories.Reverse())
            {
                if (factory.TryCreateSerializer<T>(out var made))
                    return made;
            }
        }

        object? builtIn = typeof(T) == typeof(string) ? new StringCacheSerializer() : typeof(T) == typeof(byte[]) ? new BytesCacheSerializer() : null;
        return builtIn is null ? new JsonCacheSerializer<T>((JsonTypeInfo<T>)_json.GetTypeInfo(typeof(T))) : (IHybridCacheSerializer<T>)builtIn;
    }
}
