using System.Text.Json;

namespace ScaleKit.Migration;

/// <summary>Ready answers to whether two stores hold the same value, for types that a store does not give back as it got them; for <see cref="Verification{TKey, TValue}"/>.</summary>
public static class SameValue
{
    /// <summary>JSON texts: the order of properties and white space do not matter, and numbers are compared by value, so 1.0 is 1.00. Texts that are not JSON are compared as they are.</summary>
    public static Func<string, string, bool> Json { get; } = static (left, right) =>
    {
        if (string.Equals(left, right, StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            using var one = JsonDocument.Parse(left);
            using var other = JsonDocument.Parse(right);
            return JsonElement.DeepEquals(one.RootElement, other.RootElement);
        }
        catch (Exception unfit) when (unfit is JsonException or ArgumentException or InvalidOperationException)
        {
            // Not JSON, or text with half of a surrogate pair, as it is or escaped.
            return false;
        }
    };

    /// <summary>Times that differ by less than the precision of the coarser store: 1 µs for PostgreSQL, 1 ms for many others. The offset does not matter.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="precision"/> is not positive.</exception>
    public static Func<DateTimeOffset, DateTimeOffset, bool> Time(TimeSpan precision)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(precision, TimeSpan.Zero);
        return (left, right) => (left - right).Duration() < precision;
    }

    /// <summary>Values by one of their parts after the other: all must be the same.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="parts"/> is null.</exception>
    public static Func<TValue, TValue, bool> All<TValue>(params Func<TValue, TValue, bool>[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return (left, right) => Array.TrueForAll(parts, part => part(left, right));
    }

    /// <summary>One part of a value, by an answer for its type; for <see cref="All{TValue}"/>.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static Func<TValue, TValue, bool> Of<TValue, TPart>(Func<TValue, TPart> part, Func<TPart, TPart, bool>? same = null)
    {
        ArgumentNullException.ThrowIfNull(part);
        var answer = same ?? EqualityComparer<TPart>.Default.Equals;
        return (left, right) => answer(part(left), part(right));
    }
}
