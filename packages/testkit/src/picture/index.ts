export { type PictureSource, renderPicture, writePicture } from './picture.js'
