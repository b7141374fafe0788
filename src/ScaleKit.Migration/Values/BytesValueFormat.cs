namespace ScaleKit.Migration;

internal sealed class BytesValueFormat<TValue>(Func<TValue, byte[]> toBytes, Func<byte[], TValue> fromBytes) : ValueFormat<TValue>
{
    public override bool IsText => false;

    public override byte[] ToBytes(TValue value) => toBytes(value);

    public override TValue FromBytes(byte[] bytes) => fromBytes(bytes);
}
