using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ScaleKit.Caching;

/// <summary>
/// Which values may be shared between callers, by the rules of HybridCache: value types without references, strings, and sealed or value types with
/// <see cref="ImmutableObjectAttribute"/>.
/// </summary>
internal static class ImmutableTypes<T>
{
    public static readonly bool IsImmutable = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || IsDeclaredImmutable();

    private static bool IsDeclaredImmutable()
    {
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        return type == typeof(string)
            || ((type.IsValueType || type.IsSealed) && type.GetCustomAttribute<ImmutableObjectAttribute>() is { Immutable: true });
    }
}
