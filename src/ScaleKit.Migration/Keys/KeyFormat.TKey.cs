namespace ScaleKit.Migration;

/// <summary>
/// How keys of one type are ordered and written: their text form goes into text columns, checkpoints and digests. The order must be that of the column, so that
/// two stores of different kinds list the same keys in the same order. Immutable and thread-safe.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public abstract class KeyFormat<TKey>
    where TKey : notnull
{
    /// <summary>The order of the keys.</summary>
    public abstract IComparer<TKey> Order { get; }

    /// <summary>Whether the keys are 64-bit integers in a column, ordered as numbers; otherwise they are text, ordered by code point.</summary>
    public virtual bool IsInteger => false;

    /// <summary>The text form: unique for a key.</summary>
    public abstract string ToText(TKey key);

    /// <summary>Reads the text form back.</summary>
    public abstract TKey FromText(string text);

    /// <summary>The integer form, where <see cref="IsInteger"/>.</summary>
    public virtual long ToInteger(TKey key) => throw new NotSupportedException("These keys are text.");

    /// <summary>Reads the integer form back, where <see cref="IsInteger"/>.</summary>
    public virtual TKey FromInteger(long value) => throw new NotSupportedException("These keys are text.");

    /// <summary>Refuses a key that a store cannot hold without changing it.</summary>
    /// <exception cref="ArgumentNullException">The key is null.</exception>
    /// <exception cref="ArgumentException">The key is too long, or is not valid text.</exception>
    public virtual void Check(TKey key) => ArgumentNullException.ThrowIfNull(key);
}
