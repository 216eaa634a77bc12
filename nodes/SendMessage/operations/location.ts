/**
 * Send Message, operation "Send Location".
 */
import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { withoutUndefined } from '../../shared/outgoing/envelope';
import { sendOperation } from '../../shared/outgoing/sendOperation';
import { toText } from '../../shared/text';
import { valueReader } from '../../shared/values';

interface Coordinate {
  name: 'latitude' | 'longitude';
  /** Degrees on either side of zero. */
  limit: number;
}

function readCoordinate(context: IExecuteFunctions, itemIndex: number, coordinate: Coordinate): number {
  const { name, limit } = coordinate;
  const value: unknown = context.getNodeParameter(name, itemIndex, '');
  const degrees = toText(value).trim() === '' ? Number.NaN : Number(value);
  if (Math.abs(degrees) <= limit) return degrees;
  const message = `The ${name} "${toText(value)}" is not valid. Give decimal degrees between -${limit} and ${limit}, for example 52.5163.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

export const location = sendOperation({
  fields: [
    {
      displayName: 'Latitude',
      name: 'latitude',
      type: 'number',
      typeOptions: { minValue: -90, maxValue: 90, numberPrecision: 7 },
      default: 0,
      required: true,
      description: 'Decimal degrees, north is positive',
    },
    {
      displayName: 'Longitude',
      name: 'longitude',
      type: 'number',
      typeOptions: { minValue: -180, maxValue: 180, numberPrecision: 7 },
      default: 0,
      required: true,
      description: 'Decimal degrees, east is positive',
    },
    {
      displayName: 'Place Name',
      name: 'placeName',
      type: 'string',
      default: '',
      placeholder: 'e.g. Brandenburg Gate',
      description: 'Name shown above the address',
    },
    {
      displayName: 'Address',
      name: 'address',
      type: 'string',
      default: '',
      placeholder: 'e.g. Pariser Platz, Berlin',
      description: 'Address shown under the map',
    },
  ],
  quotes: true,
  read: (context, itemIndex) => {
    const { text } = valueReader(context, itemIndex);
    const name = text(context.getNodeParameter('placeName', itemIndex, ''), {
      label: 'Place Name',
      max: 255,
    });
    const address = text(context.getNodeParameter('address', itemIndex, ''), { label: 'Address', max: 1000 });
    const latitude = readCoordinate(context, itemIndex, { name: 'latitude', limit: 90 });
    const longitude = readCoordinate(context, itemIndex, { name: 'longitude', limit: 180 });
    return {
      type: 'location',
      location: withoutUndefined({ latitude, longitude, name: name?.trim(), address: address?.trim() }),
    };
  },
});
