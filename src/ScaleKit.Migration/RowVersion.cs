using System.Globalization;
using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>
/// The version of one row: the epoch of the store that issued it and a counter that rises with each write of the row, deletes included.
/// Never a wall clock: two machines' clocks disagree about which write came last. A higher epoch wins whatever the counter says.
/// </summary>
/// <param name="Epoch">Who issued it: rises each time another store becomes the one that issues versions. 0 only in <see cref="None"/>.</param>
/// <param name="Counter">Rises by at least one with each write of the row, and does not start again after a delete.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RowVersion(long Epoch, long Counter) : IComparable<RowVersion>
{
    /// <summary>The version of a row that was never written: older than every other.</summary>
    public static RowVersion None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Epoch == 0 && Counter == 0;

    /// <summary>Epoch first, then counter.</summary>
    public int CompareTo(RowVersion other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Counter.CompareTo(other.Counter);

    /// <summary>Whether <paramref name="left"/> is older.</summary>
    public static bool operator <(RowVersion left, RowVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is newer.</summary>
    public static bool operator >(RowVersion left, RowVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is older or the same.</summary>
    public static bool operator <=(RowVersion left, RowVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is newer or the same.</summary>
    public static bool operator >=(RowVersion left, RowVersion right) => left.CompareTo(right) >= 0;

    /// <summary>The form <c>epoch.counter</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Counter}");
}
