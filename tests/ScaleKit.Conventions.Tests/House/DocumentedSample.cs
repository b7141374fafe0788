#pragma warning disable CA1000, CA1034, CA1045, CA1051, CA1721, CA1814, CA1815, CA2225, MA0018, MA0046, MA0069, CS0067, MA0166, CA1819, CA1305
namespace ScaleKit.Conventions.Tests;

/// <summary>A member of every kind, to compare computed documentation identifiers with the compiler's.</summary>
public sealed class DocumentedSample<TKey, TValue>
{
    /// <summary>A field.</summary>
    public readonly int[,] Field = new int[1, 1];

    /// <summary>A constructor.</summary>
    public DocumentedSample(TKey key, ReadOnlySpan<char> text) => Key = text.Length < 0 ? default! : key;

    /// <summary>An event.</summary>
    public event EventHandler<Inner<string>>? Happened;

    /// <summary>A property.</summary>
    public TKey Key { get; }

    /// <summary>An indexer.</summary>
    public TValue? this[int index, string name] => default;

    /// <summary>A conversion.</summary>
    public static implicit operator int(DocumentedSample<TKey, TValue> sample) => sample.Field[0, 0];

    /// <summary>A generic method.</summary>
    public TOther? Method<TOther>(ref Dictionary<string, List<TOther>[]>? map, in Inner<TOther>? inner, out int? count)
    {
        count = map is null && inner is null ? 0 : 1;
        return default;
    }

    /// <summary>A nested generic type.</summary>
    public sealed class Inner<TInner>
    {
        /// <summary>A property that mixes the arguments of both.</summary>
        public Func<TKey, TInner>? Mixed { get; init; }

        /// <summary>A method without parameters.</summary>
        public override string ToString() => Mixed is null ? "none" : "some";
    }
}
