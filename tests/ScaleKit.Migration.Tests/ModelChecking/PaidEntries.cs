using System.Runtime.CompilerServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The entries that a repair has yet to remove: state of a process that belongs into the hash.</summary>
internal static class PaidEntries<TKey, TValue>
    where TKey : notnull
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_paidOld")]
    public static extern ref List<OutboxEntry<TKey>> Old(OutboxRepair<TKey, TValue> repair);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_paidNew")]
    public static extern ref List<OutboxEntry<TKey>> New(OutboxRepair<TKey, TValue> repair);
}
